/** Rows of relations between events. A redacted event relates to nothing any more. */

import { type EventId, isJsonObject } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../../store/index.ts'
import { contentText } from '../client-format.ts'
import type { RelationRange, RelationRow, StoredEvent } from '../rooms.ts'

/** What an event says that it relates to. */
export type Relation = { readonly parent: EventId; readonly relType: string; readonly key: string | undefined }

const NAME_MAX = 255

/** The relation of a stored event, read only where its text may hold one. */
export function relationOf(event: StoredEvent): Relation | undefined {
  if (!event.body.includes('"m.relates_to"')) return undefined
  const relation = JSON.parse(contentText(event))['m.relates_to']
  if (!isJsonObject(relation)) return undefined
  const { event_id: parent, rel_type: relType, key } = relation
  if (typeof parent !== 'string' || typeof relType !== 'string') return undefined
  if (parent.length > NAME_MAX || relType.length > NAME_MAX) return undefined
  return { parent: parent as EventId, relType, key: typeof key === 'string' ? key : undefined }
}

/** Notes what an accepted event of the timeline relates to. */
export function insertRelation(tx: Writer, event: StoredEvent): void {
  if (event.stream === null || event.outcome !== 0 || event.slot !== null) return
  const relation = relationOf(event)
  if (relation === undefined) return
  tx.run`
    INSERT INTO relation (event, room, stream, parent, rel_type, type, sender, ts, relation_key)
    VALUES (${event.event}, ${event.room}, ${event.stream}, ${relation.parent}, ${relation.relType}, ${event.type},
      ${event.sender}, ${event.ts}, ${relation.key ?? null})
    ON CONFLICT (event) DO NOTHING`
}

export function removeRelation(tx: Writer, event: number): void {
  tx.run`DELETE FROM relation WHERE event = ${event}`
}

type RawRow = { event: number; stream: number; rel_type: string; type: number }

/** What relates to an event directly, of one kind or of all, in timeline order or backwards. */
export async function listRelations(
  reader: Reader,
  parent: EventId,
  { direction, from, limit }: RelationRange,
): Promise<RelationRow[]> {
  const rows =
    direction === 'b'
      ? await reader.all<RawRow>`
          SELECT event, stream, rel_type, type FROM relation WHERE parent = ${parent} AND stream <= ${from}
          ORDER BY stream DESC LIMIT ${limit}`
      : await reader.all<RawRow>`
          SELECT event, stream, rel_type, type FROM relation WHERE parent = ${parent} AND stream > ${from}
          ORDER BY stream LIMIT ${limit}`
  return rows.map(({ event, stream, rel_type: relType, type }) => ({ event, stream, relType, type }))
}

/** What relates to any of these events directly. */
export async function listRelationsOf(
  reader: Reader,
  parents: readonly string[],
  limit: number,
): Promise<(RelationRow & { readonly eventId: EventId })[]> {
  const rows = await reader.all<RawRow & { event_id: EventId }>`
    SELECT relation.event, relation.stream, rel_type, relation.type, event.event_id FROM relation
    JOIN event ON event.event = relation.event
    WHERE relation.parent IN ${anyOf(parents)} ORDER BY relation.stream LIMIT ${limit}`
  return rows.map((row) => {
    const { event, stream, rel_type: relType, type, event_id: eventId } = row
    return { event, stream, relType, type, eventId }
  })
}

export type BundleCount = {
  readonly parent: EventId
  readonly relType: string
  readonly count: number
  /** The newest of them. */
  readonly last: number
}

type CountRow = { parent: EventId; rel_type: string; count: number; last: number }

/** How much relates to each of these events, by kind; without what these senders sent. */
export async function countRelations(
  reader: Reader,
  parents: readonly EventId[],
  ignored: ReadonlySet<number>,
): Promise<BundleCount[]> {
  // Without ignored users the index alone answers.
  const rows =
    ignored.size === 0
      ? await reader.all<CountRow>`
          SELECT parent, rel_type, COUNT(*) AS count, MAX(event) AS last FROM relation
          WHERE parent IN ${anyOf(parents)} AND rel_type <> 'm.annotation' GROUP BY parent, rel_type`
      : await reader.all<CountRow>`
          SELECT parent, rel_type, COUNT(*) AS count, MAX(event) AS last FROM relation
          WHERE parent IN ${anyOf(parents)} AND rel_type <> 'm.annotation' AND sender NOT IN ${anyOf([...ignored])}
          GROUP BY parent, rel_type`
  return rows.map(({ parent, rel_type: relType, count, last }) => ({ parent, relType, count: Number(count), last }))
}

/** Edits of an event by its own sender and of its own type, the one that counts first. */
export async function listEdits(reader: Reader, edited: StoredEvent, limit: number): Promise<number[]> {
  const rows = await reader.all<{ event: number }>`
    SELECT relation.event FROM relation JOIN event ON event.event = relation.event
    WHERE parent = ${edited.eventId} AND rel_type = 'm.replace' AND relation.sender = ${edited.sender}
      AND relation.type = ${edited.type} AND relation.room = ${edited.room}
    ORDER BY relation.ts DESC, event.event_id DESC LIMIT ${limit}`
  return rows.map(({ event }) => event)
}

/** IDs of what refers to an event, oldest first; without what these senders sent. */
export async function listReferences(
  reader: Reader,
  parent: EventId,
  limit: number,
  ignored: ReadonlySet<number>,
): Promise<EventId[]> {
  const rows = await reader.all<{ event_id: EventId }>`
    SELECT event.event_id FROM relation JOIN event ON event.event = relation.event
    WHERE parent = ${parent} AND rel_type = 'm.reference' AND relation.sender NOT IN ${anyOf([...ignored])}
    ORDER BY relation.stream LIMIT ${limit}`
  return rows.map(({ event_id: eventId }) => eventId)
}

/** Those of the threads in which the user has written. */
export async function listThreadsWith(reader: Reader, roots: readonly EventId[], user: number): Promise<Set<EventId>> {
  const rows = await reader.all<{ parent: EventId }>`
    SELECT DISTINCT parent FROM relation
    WHERE parent IN ${anyOf(roots)} AND rel_type = 'm.thread' AND sender = ${user}`
  return new Set(rows.map(({ parent }) => parent))
}

/** Roots of threads by their latest reply, newest first, from below a position on. */
export async function listThreads(
  reader: Reader,
  room: number,
  before: number,
  limit: number,
): Promise<{ readonly root: EventId; readonly latest: number }[]> {
  const rows = await reader.all<{ parent: EventId; latest: number }>`
    SELECT parent, MAX(stream) AS latest FROM relation WHERE room = ${room} AND rel_type = 'm.thread'
    GROUP BY parent HAVING MAX(stream) < ${before} ORDER BY MAX(stream) DESC LIMIT ${limit}`
  return rows.map(({ parent, latest }) => ({ root: parent, latest }))
}

/** The event by which the user has put this very annotation on the event already. */
export async function findAnnotation(
  reader: Reader,
  annotation: { readonly parent: EventId; readonly type: number; readonly sender: number; readonly key: string },
): Promise<number | undefined> {
  const { parent, type, sender, key } = annotation
  const row = await reader.first<{ event: number }>`
    SELECT event FROM relation WHERE parent = ${parent} AND rel_type = 'm.annotation' AND sender = ${sender}
      AND type = ${type} AND relation_key = ${key}`
  return row?.event
}
