/** What gateways are told of an event, found once for all who are notified of it. */

import type { EventId, JsonObject, RoomId, UserId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import { contentText, headerOf } from '../../rooms/index.ts'
import { deliveryLimits } from '../limits.ts'
import type { PushDeps } from '../push.ts'

export type EventFacts = {
  readonly eventId: EventId
  readonly roomId: RoomId
  readonly type: string
  readonly sender: UserId
  readonly stateKey: string | undefined
  readonly senderName: string | undefined
  readonly roomName: string | undefined
  readonly roomAlias: string | undefined
  readonly content: JsonObject
}

export interface EventFactsReader {
  /** Undefined: it was redacted, or is not known. */
  find(event: number): Promise<EventFacts | undefined>
}

export function createEventFacts({ rooms }: Pick<PushDeps, 'rooms'>): EventFactsReader {
  const byEvent = new Lru<number, EventFacts>(deliveryLimits.factsMax)

  async function textOf(room: number, type: string, stateKey: string, name: string): Promise<string | undefined> {
    const state = await rooms.findStateEvent(room, type, stateKey)
    const text = state?.content[name]
    return typeof text === 'string' && text !== '' ? text : undefined
  }

  return {
    async find(number) {
      const known = byEvent.get(number)
      if (known !== undefined) return known
      const [event] = await rooms.listEvents([number])
      if (event === undefined || event.redactedBy !== null) return undefined
      const { roomId, sender, type, stateKey } = headerOf(event)
      const facts = {
        eventId: event.eventId,
        roomId,
        type,
        sender,
        stateKey,
        senderName: await textOf(event.room, 'm.room.member', sender, 'displayname'),
        roomName: await textOf(event.room, 'm.room.name', '', 'name'),
        roomAlias: await textOf(event.room, 'm.room.canonical_alias', '', 'alias'),
        content: JSON.parse(contentText(event)) as JsonObject,
      }
      byEvent.set(number, facts)
      return facts
    },
  }
}
