/** Stored events as the JSON texts that one viewer gets, with what belongs into `unsigned`. */

import type { DeviceId } from '@parallax/protocol'
import { clientEventText } from '../client-format.ts'
import type { RoomReads, StoredEvent } from '../rooms.ts'

/** Who looks. */
export type Viewer = { readonly user: number; readonly device: DeviceId | undefined }

export type RenderOptions = {
  readonly nowMs: number
  /** False in /sync, where the room is known from its place. */
  readonly withRoomId: boolean
}

type RenderReads = Pick<RoomReads, 'listEvents' | 'listTransactionIds'>

/** One text per event, in order: age, transaction ID of the viewer's own device, previous content, redaction. */
export async function renderEvents(
  rooms: RenderReads,
  viewer: Viewer,
  events: readonly StoredEvent[],
  options: RenderOptions,
): Promise<string[]> {
  const others = await loadOthers(rooms, events)
  const own = viewer.device === undefined ? [] : events.filter((event) => event.sender === viewer.user)
  const transactions =
    own.length === 0
      ? undefined
      : await rooms.listTransactionIds(
          viewer.user,
          viewer.device!,
          own.map((event) => event.event),
        )
  return events.map((event) => {
    const transactionId = transactions?.get(event.event)
    const redaction = event.redactedBy === null ? undefined : others.get(event.redactedBy)
    return clientEventText(
      event,
      {
        nowMs: options.nowMs,
        ...(transactionId === undefined ? {} : { transactionId }),
        replaced: event.replaces === null ? undefined : others.get(event.replaces),
        redactedBecause: redaction && clientEventText(redaction, { nowMs: options.nowMs }),
      },
      options.withRoomId,
    )
  })
}

/** The events that these replaced, and the redactions that pruned them. */
async function loadOthers(rooms: RenderReads, events: readonly StoredEvent[]): Promise<Map<number, StoredEvent>> {
  const wanted = new Set<number>()
  for (const { replaces, redactedBy } of events) {
    if (replaces !== null) wanted.add(replaces)
    if (redactedBy !== null) wanted.add(redactedBy)
  }
  if (wanted.size === 0) return new Map()
  return new Map((await rooms.listEvents([...wanted])).map((event) => [event.event, event]))
}
