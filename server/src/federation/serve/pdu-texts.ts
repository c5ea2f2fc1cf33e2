/** Stored events as the JSON texts that other servers get. */

import { type RoomRules, redact, type ServerName } from '@parallax/protocol'
import { type KnownRoom, pduText, type Rooms, type StoredEvent } from '../../rooms/index.ts'
import { federationLimits } from '../limits.ts'

/** The texts of these events, in order; those that the server's users may not see are redacted. */
export async function visiblePduTexts(
  rooms: Rooms,
  { room, rules }: KnownRoom,
  server: ServerName,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const visible = new Set((await rooms.filterVisibleToServer(room, server, events)).map(({ event }) => event))
  return events.map((event) => (visible.has(event.event) ? pduText(event) : redactedText(rules, event)))
}

/** The texts of events by number, for what makes up the room's state: everyone in the room knows that. */
export async function pduTextsOf(rooms: Rooms, events: readonly number[]): Promise<string[]> {
  const texts: string[] = []
  for (let from = 0; from < events.length; from += federationLimits.textsAtOnce) {
    const part = await rooms.listEvents(events.slice(from, from + federationLimits.textsAtOnce))
    for (const event of part) texts.push(pduText(event))
  }
  return texts
}

function redactedText(rules: RoomRules, event: StoredEvent): string {
  return JSON.stringify(redact(rules, JSON.parse(pduText(event))))
}
