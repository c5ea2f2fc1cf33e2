/** Extending a feed and following one: what may come after what is held, and what shows that a feed is false. */

import { ReputationError } from '../errors.ts'
import { feedLimits, reputationLimits } from '../limits.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type Batch, checkHead, type Head, hashBatch, signHead } from './batch.ts'
import type { FeedEntry } from './entry.ts'
import { addLeaf, checkConsistency, type Peaks, rootOf } from './merkle.ts'
import type { FeedKey } from './sodium.ts'

/** What a publisher or a follower keeps of a feed besides its statements. */
export type ChainState = {
  readonly feed: string
  /** The key that was pinned. */
  readonly publicKey: string
  /** Undefined before the first batch. */
  readonly head: Head | undefined
  readonly peaks: Peaks
}

/** A feed without batches. */
export function createChain(feed: string, publicKey: string): ChainState {
  return { feed, publicKey, head: undefined, peaks: [] }
}

/** The next batch of one's own feed, and the chain with it; throws `too-many` for more entries than a batch has. */
export function appendBatch(
  state: ChainState,
  key: FeedKey,
  entries: readonly FeedEntry[],
  issuedMs: number,
): { readonly batch: Batch; readonly state: ChainState } {
  if (key.publicKey !== state.publicKey) throw new ReputationError('key-changed', 'That is not the key of the feed.')
  if (entries.length > feedLimits.batchEntriesMax) throw new ReputationError('too-many', 'A batch has fewer entries.')
  const { head, peaks, feed } = state
  const body = { feed, seq: (head?.seq ?? 0) + 1, issued: issuedMs, prev: head?.hash ?? '', entries }
  const leaf = hashBatch(body)
  const after = addLeaf(peaks, body.seq - 1, leaf)
  const { seq, issued } = body
  const signed = signHead(key, { feed, seq, issued, hash: encodeBase64(leaf), root: encodeBase64(rootOf(after)) })
  return { batch: { ...body, ...signed }, state: { ...state, head: signed, peaks: after } }
}

/**
 * The chain after a batch that came from outside. Throws `bad-signature`, `from-the-future`, `broken-chain` (it is not
 * the next one, or not what it says it is), `rolled-back` (it is older), or `forked` (another batch with its number is
 * held: both are signed, so that the feed told two things).
 */
export function followBatch(state: ChainState, batch: Batch, nowMs: number): ChainState {
  checkHead(batch, state.publicKey)
  if (batch.feed !== state.feed) throw new ReputationError('broken-chain', 'The batch is of another feed.')
  if (batch.issued > nowMs + reputationLimits.futureMs) {
    throw new ReputationError('from-the-future', 'The batch is dated ahead of our clock.')
  }
  const { head, peaks } = state
  const leaf = hashBatch(batch)
  if (encodeBase64(leaf) !== batch.hash) throw new ReputationError('broken-chain', 'The batch has another hash.')
  if (head !== undefined && batch.seq === head.seq && batch.hash !== head.hash) {
    throw new ReputationError('forked', 'The feed signed two batches of one number.')
  }
  const next = (head?.seq ?? 0) + 1
  if (batch.seq < next) throw new ReputationError('rolled-back', 'The batch is no newer than what is known.')
  if (batch.seq > next) throw new ReputationError('broken-chain', `Batch ${next} is missing.`)
  if (batch.prev !== (head?.hash ?? '')) throw new ReputationError('forked', 'The batch continues another history.')
  const after = addLeaf(peaks, batch.seq - 1, leaf)
  if (encodeBase64(rootOf(after)) !== batch.root) throw new ReputationError('forked', 'The batch has another root.')
  const { feed, seq, issued, hash, root, signature } = batch
  return { ...state, head: { feed, seq, issued, hash, root, signature }, peaks: after }
}

/**
 * Compares what two people were told: throws `forked` if two heads of one number differ, and `bad-proof` unless the
 * proof (hashes in base64url) shows that the older lies in the newer. Both must be signed with the key.
 */
export function compareHeads(publicKey: string, one: Head, other: Head, proof: readonly string[]): void {
  checkHead(one, publicKey)
  checkHead(other, publicKey)
  if (one.feed !== other.feed) throw new ReputationError('bad-proof', 'The heads are of two feeds.')
  const [older, newer] = one.seq <= other.seq ? [one, other] : [other, one]
  if (older.seq === newer.seq && (older.hash !== newer.hash || older.root !== newer.root)) {
    throw new ReputationError('forked', 'The feed told two people different things.')
  }
  const treeOf = ({ seq, root }: Head) => ({ count: seq, root: decodeBase64(root, 32) })
  checkConsistency(
    treeOf(older),
    treeOf(newer),
    proof.map((hash) => decodeBase64(hash, 32)),
  )
}
