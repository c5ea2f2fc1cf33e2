/**
 * What a viewer's lens does to messages: they keep their place, and of what is hidden a line is shown instead. State is
 * always shown. Clients that know more find the action and an explanation in `unsigned`.
 */

import type { Lenses, Look, Veil, Veils } from '../lenses.ts'
import type { StoredEvent } from '../rooms.ts'
import { headerOf } from './event-header.ts'

const noVeils: Veils = new Map()

/** Without a lens, of the viewer or the room, nothing of the events is even read. */
export async function findVeils(lenses: Lenses, user: number, events: readonly StoredEvent[]): Promise<Veils> {
  if (events.length === 0) return noVeils
  const own = await lenses.openLook(user)
  const veils = own === undefined ? noVeils : await look(own, user, events)
  const byRoom = new Map<number, Veil>()
  for (const room of new Set(events.map((event) => event.room))) {
    const ofRoom = await lenses.openRoomLook(room)
    if (ofRoom === undefined) continue
    const inRoom = events.filter((event) => event.room === room)
    for (const [event, veil] of await look(ofRoom, user, inRoom)) {
      // Only what the room keeps from all: how the rest looks is the viewer's.
      if (isHidden(veil)) byRoom.set(event, veil)
    }
  }
  return byRoom.size === 0 ? veils : new Map([...veils, ...byRoom])
}

/** Where it can be, one look does for what one user says in a row: most of a timeline is said by few. */
async function look({ namesEvents, judge }: Look, user: number, events: readonly StoredEvent[]): Promise<Veils> {
  const veils = new Map<number, Veil>()
  let last: StoredEvent | undefined
  let veil: Veil | undefined
  for (const event of events) {
    if (event.slot !== null || event.sender === user || event.redactedBy !== null) continue
    if (namesEvents || event.sender !== last?.sender || event.room !== last.room) {
      const { roomId, sender } = headerOf(event)
      veil = await judge({ eventId: event.eventId, sender, roomId })
      last = event
    }
    if (veil !== undefined) veils.set(event.event, veil)
  }
  return veils
}

/** Whether the content is replaced. */
export function isHidden(veil: Veil | undefined): boolean {
  return veil !== undefined && (veil.action === 'hide' || veil.action === 'refuse')
}

/** JSON text of the member of `unsigned`. */
export function veilText({ action, explanationId }: Veil): string {
  const shown = action === 'refuse' ? 'hide' : action
  return `"org.parallax.reputation":${JSON.stringify({ action: shown, explanation_id: explanationId })}`
}

const placeholder = '{"body":"A message that your lens hides.","msgtype":"m.notice"}'
/** What is shown as a line of its own; the others (reactions, edits) lose their content, as if redacted. */
const lines = new Set(['m.room.message', 'm.room.encrypted', 'm.sticker', 'm.poll.start'])

/** The body of an event as it is shown where it is hidden. See `StoredEvent.body`. */
export function veiledBody({ body }: Pick<StoredEvent, 'body'>): string {
  const end = body.lastIndexOf(',"origin_server_ts":')
  const typeAt = body.lastIndexOf(',"type":"')
  const type: string = JSON.parse(body.slice(typeAt + ',"type":'.length))
  const relation = JSON.parse(body.slice('"content":'.length, end))['m.relates_to']
  const isLine = lines.has(type) && relation?.rel_type !== 'm.replace'
  if (!isLine) return `"content":{}${body.slice(end)}`
  // A reply in a thread stays in it.
  const thread = relation?.rel_type === 'm.thread' && { event_id: relation.event_id, rel_type: 'm.thread' }
  const content = thread ? `${placeholder.slice(0, -1)},"m.relates_to":${JSON.stringify(thread)}}` : placeholder
  return `"content":${content}${body.slice(end, typeAt)},"type":"m.room.message"`
}
