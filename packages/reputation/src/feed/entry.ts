/**
 * What a batch holds: statements anyone can read, sealed rows, and their end. A retraction says that a statement no
 * longer holds; a tombstone also asks everyone to forget it, whose place in the log then keeps only its hash.
 */

import { type EntityKey, type EntityKind, entityKinds, parseEntity } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { reputationLimits } from '../limits.ts'
import { checkGlob, isGlob } from '../match/glob.ts'
import type { Statement } from '../statement.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalJson, type Json } from './canonical.ts'
import { parseFields, parseText, parseWord } from './fields.ts'
import { sha256 } from './hash.ts'
import { parseOpinion, readOpinion, type WrittenOpinion } from './opinion.ts'
import { parseRow, rowId } from './row.ts'

export type PlainEntry = WrittenOpinion & { readonly op: 'statement'; readonly kind: EntityKind } & (
    | { readonly entity: string }
    | { readonly pattern: string }
  )
export type RowEntry = { readonly op: 'row'; readonly row: string }
export type EndEntry = { readonly op: 'retract' | 'tombstone'; readonly id: string }
export type ErasedEntry = { readonly op: 'erased'; readonly hash: string }
export type FeedEntry = PlainEntry | RowEntry | EndEntry | ErasedEntry

const ops = ['statement', 'row', 'retract', 'tombstone', 'erased'] as const
const ID_BYTES = 16

/** The entry of untrusted JSON, with nothing in it but what is understood; throws a ReputationError. */
export function parseEntry(value: unknown): FeedEntry {
  const fields = parseFields(value, 'An entry')
  const op = parseWord(fields, 'op', ops)
  if (op === 'row') return { op, row: encodeBase64(parseRow(decodeBase64(parseText(fields, 'row', 200))).bytes) }
  if (op === 'erased') return { op, hash: encodeBase64(decodeBase64(parseText(fields, 'hash', 43), 32)) }
  if (op !== 'statement') return { op, id: parseText(fields, 'id', 43) }
  const kind = parseWord(fields, 'kind', entityKinds)
  const target = Object.hasOwn(fields, 'pattern')
    ? { pattern: requirePattern(parseText(fields, 'pattern', reputationLimits.entityBytesMax)) }
    : { entity: requireCanonical(kind, parseText(fields, 'entity', reputationLimits.entityBytesMax)) }
  return { op, kind, ...target, ...parseOpinion(fields) }
}

function requirePattern(pattern: string): string {
  if (!isGlob(pattern)) throw new ReputationError('bad-pattern', 'A pattern has a wildcard.')
  checkGlob(pattern)
  return pattern
}

/** The name as it is, for an entity written in two ways would be two statements; throws `bad-entity`. */
export function requireCanonical(kind: EntityKind, id: string): string {
  if (parseEntity(kind, id) !== `${kind}\0${id}`) {
    throw new ReputationError('bad-entity', 'The entity is not written in its canonical form.')
  }
  return id
}

/** What a later entry names to replace, retract or erase this one; undefined for entries that are no statement. */
export function entryId(entry: FeedEntry): string | undefined {
  if (entry.op === 'row') return rowId(decodeBase64(entry.row))
  if (entry.op !== 'statement') return undefined
  const target = 'entity' in entry ? `entity\0${entry.entity}` : `pattern\0${entry.pattern}`
  // A blend is one statement, whatever it is made of today.
  const origins = entry.hops === undefined ? (entry.origins ?? []) : []
  const text = [entry.kind, target, entry.context, ...origins].join('\0')
  return encodeBase64(sha256(text).subarray(0, ID_BYTES))
}

/** The hash that stands for an entry in its batch, in base64url: an erased entry keeps it. */
export function hashEntry(entry: FeedEntry): string {
  return entry.op === 'erased' ? entry.hash : encodeBase64(sha256(canonicalJson(entry as Json)))
}

/** The statement of a plain entry about one entity; undefined for all others. */
export function statementOf(entry: FeedEntry): Statement | undefined {
  if (entry.op !== 'statement' || !('entity' in entry)) return undefined
  return { ...readOpinion(entry), entity: `${entry.kind}\0${entry.entity}` as EntityKey }
}

/** What holds after some entries: the statements by ID. Tombstones and retractions remove. */
export function applyEntries(held: Map<string, PlainEntry | RowEntry>, entries: readonly FeedEntry[]): void {
  for (const entry of entries) {
    if (entry.op === 'erased') continue
    if (entry.op === 'statement' || entry.op === 'row') held.set(entryId(entry)!, entry)
    else held.delete(entry.id)
  }
}
