/**
 * What a viewer's lens does to messages: they keep their place, and of what is hidden a line is shown instead. State is
 * always shown. Clients that know more find the action and an explanation in `unsigned`.
 */

import type { Lenses, SeenEvent, Veil, Veils } from '../lenses.ts'
import type { StoredEvent } from '../rooms.ts'
import { headerOf } from './event-header.ts'

const noVeils: Veils = new Map()

/** Without a lens, of the viewer or the room, nothing of the events is even read. */
export async function findVeils(lenses: Lenses, user: number, events: readonly StoredEvent[]): Promise<Veils> {
  if (events.length === 0) return noVeils
  const own = await findOwnVeils(lenses, user, events)
  const byRoom = new Map<number, Veil>()
  for (const room of new Set(events.map((event) => event.room))) {
    if (!(await lenses.hasRoomLens(room))) continue
    const inRoom = events.filter((event) => event.room === room)
    for (const [event, veil] of await veilsOf((seen) => lenses.judgeInRoom(room, seen), user, inRoom)) {
      // Only what the room keeps from all: how the rest looks is the viewer's.
      if (isHidden(veil)) byRoom.set(event, veil)
    }
  }
  return byRoom.size === 0 ? own : new Map([...own, ...byRoom])
}

async function findOwnVeils({ hasLens, judge }: Lenses, user: number, events: readonly StoredEvent[]): Promise<Veils> {
  return (await hasLens(user)) ? veilsOf((seen) => judge(user, seen), user, events) : noVeils
}

async function veilsOf(
  judge: (seen: readonly SeenEvent[]) => Promise<ReadonlyMap<string, Veil>>,
  user: number,
  events: readonly StoredEvent[],
): Promise<Veils> {
  const others = events.filter(
    ({ slot, sender, redactedBy }) => slot === null && sender !== user && redactedBy === null,
  )
  const headers = createHeaders()
  const seen = others.map((event) => ({ eventId: event.eventId, ...headers(event) }))
  const verdicts = await judge(seen)
  const veils = new Map<number, Veil>()
  for (const { event, eventId } of others) {
    const verdict = verdicts.get(eventId)
    if (verdict !== undefined) veils.set(event, verdict)
  }
  return veils
}

/** Reads each sender in each room once: most of a timeline is said by few. */
function createHeaders(): (event: StoredEvent) => Pick<SeenEvent, 'sender' | 'roomId'> {
  const byRoom = new Map<number, Map<number, Pick<SeenEvent, 'sender' | 'roomId'>>>()
  return (event) => {
    let senders = byRoom.get(event.room)
    if (senders === undefined) {
      senders = new Map()
      byRoom.set(event.room, senders)
    }
    const known = senders.get(event.sender)
    if (known !== undefined) return known
    const { roomId, sender } = headerOf(event)
    senders.set(event.sender, { roomId, sender })
    return { roomId, sender }
  }
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
