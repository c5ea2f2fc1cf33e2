/** All that holds of a feed at one batch, signed: nobody need read the whole history to follow the feed from there. */

import { ReputationError } from '../errors.ts'
import { feedLimits, reputationLimits } from '../limits.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { checkHead, type Head, parseHead, parseJson } from './batch.ts'
import { canonicalJson } from './canonical.ts'
import type { ChainState } from './chain.ts'
import { entryId, hashEntry, type PlainEntry, parseEntry, type RowEntry } from './entry.ts'
import { parseFields, parseList, parseText } from './fields.ts'
import { sha256 } from './hash.ts'
import { rootOf } from './merkle.ts'
import { checkSignature, type FeedKey, sign } from './sodium.ts'

/** What is published beside the entries. */
export type SnapshotFrame = {
  readonly head: Head
  /** Peaks of the tree, in base64url: with them the next batch can be checked. */
  readonly peaks: readonly string[]
  readonly signature: string
}

/** What a snapshot says: where the chain is, and the statements that hold, by their IDs. */
export type Snapshot = { readonly state: ChainState; readonly held: ReadonlyMap<string, PlainEntry | RowEntry> }

/** Signs what holds: `hashes` are those of the entries (`hashEntry`), in the order in which they are published. */
export function signSnapshot(key: FeedKey, { head, peaks }: ChainState, hashes: readonly string[]): SnapshotFrame {
  if (head === undefined) throw new ReputationError('bad-feed', 'The feed has said nothing yet.')
  return { head, peaks: peaks.map(encodeBase64), signature: sign(key, 'snapshot', signedPart(head, hashes)) }
}

/**
 * The snapshot in JSON text from outside. Throws `bad-feed`, `bad-signature`, `broken-chain` (the peaks are not those
 * of the head), `from-the-future`, `too-many` or `too-large`.
 */
export function readSnapshot(publicKey: string, text: string, nowMs: number): Snapshot {
  const steps = readSnapshotInSteps(publicKey, text, nowMs)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same in steps of a few milliseconds, so that a large one does not hold up what else there is to do. */
export function* readSnapshotInSteps(publicKey: string, text: string, nowMs: number): Generator<void, Snapshot> {
  const snapshotMax = feedLimits.snapshotCharactersMax
  if (text.length > snapshotMax) throw new ReputationError('too-large', 'The snapshot is too large.')
  const fields = parseFields(parseJson(text), 'A snapshot')
  const head = parseHead(fields.head)
  checkHead(head, publicKey)
  if (head.issued > nowMs + reputationLimits.futureMs) {
    throw new ReputationError('from-the-future', 'The snapshot is dated ahead of our clock.')
  }
  const peaks = parseList(fields, 'peaks', PEAKS_MAX, (peak) => decodeBase64(parseText({ peak }, 'peak', 43), 32))
  if (peaks.length !== bitsOf(head.seq) || encodeBase64(rootOf(peaks)) !== head.root) {
    throw new ReputationError('broken-chain', 'The peaks are not those of the head.')
  }
  const signature = parseText(fields, 'signature', 86)
  const given = parseList(fields, 'entries', feedLimits.rowsMax, (entry) => entry)
  const hashes: string[] = []
  const held = new Map<string, PlainEntry | RowEntry>()
  for (const [at, value] of given.entries()) {
    const entry = parseEntry(value)
    if (entry.op !== 'statement' && entry.op !== 'row') throw new ReputationError('bad-feed', 'That is no statement.')
    hashes.push(hashEntry(entry))
    held.set(entryId(entry)!, entry)
    if (at % STEP === STEP - 1) yield
  }
  checkSignature(publicKey, 'snapshot', signedPart(head, hashes), signature)
  if (held.size !== given.length) throw new ReputationError('bad-feed', 'A snapshot says everything once.')
  checkQuotas(held.values())
  return { state: { feed: head.feed, publicKey, head, peaks }, held }
}

/** Entries of a step. */
const STEP = 500

/** Peaks of a tree whose count of leaves is a safe integer. */
const PEAKS_MAX = 53

function bitsOf(count: number): number {
  return count.toString(2).replaceAll('0', '').length
}

function signedPart({ feed, seq, hash }: Head, hashes: readonly string[]) {
  return { feed, seq, hash, entries: encodeBase64(sha256(canonicalJson(hashes))) }
}

/** Throws `too-many` if a feed holds more statements anyone can read, patterns or rows than it may. */
export function checkQuotas(held: Iterable<PlainEntry | RowEntry>): void {
  let [plain, patterns, rows] = [0, 0, 0]
  for (const entry of held) {
    if (entry.op === 'row') rows++
    else if ('pattern' in entry) patterns++
    else plain++
  }
  if (plain > feedLimits.plainMax || patterns > feedLimits.patternsMax || rows > feedLimits.rowsMax) {
    throw new ReputationError('too-many', 'The feed holds more statements than a feed may.')
  }
}
