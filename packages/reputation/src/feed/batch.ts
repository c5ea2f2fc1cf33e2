/**
 * A feed is a chain of signed batches. Each names the hash of the one before and the root of the tree over all of them,
 * so that a feed cannot tell two people different things, nor take anything back, without showing it.
 */

import { ReputationError } from '../errors.ts'
import { feedLimits } from '../limits.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalJson } from './canonical.ts'
import { entryId, type FeedEntry, hashEntry, parseEntry } from './entry.ts'
import { parseFields, parseInteger, parseList, parseText } from './fields.ts'
import { hashLeaf } from './merkle.ts'
import { checkSignature, type FeedKey, sign } from './sodium.ts'

const feedName = /^[A-Za-z0-9._~-]{1,128}$/

/** What is signed of a batch, enough to compare feeds: hash and root in base64url. */
export type Head = {
  readonly feed: string
  /** 1 for the first batch. */
  readonly seq: number
  readonly issued: number
  readonly hash: string
  /** Of the tree over the hashes of all batches to this one. */
  readonly root: string
  readonly signature: string
}

export type Batch = Head & {
  /** The hash of the batch before; empty for the first. */
  readonly prev: string
  readonly entries: readonly FeedEntry[]
}

/** The hash of a batch: over the hashes of its entries, so that one of them can be erased. */
export function hashBatch(batch: Pick<Batch, 'feed' | 'seq' | 'issued' | 'prev' | 'entries'>): Uint8Array {
  const { feed, seq, issued, prev, entries } = batch
  return hashLeaf(canonicalJson({ feed, seq, issued, prev, entries: entries.map(hashEntry) }))
}

/** Signs a head with the feed's key. */
export function signHead(key: FeedKey, head: Omit<Head, 'signature'>): Head {
  return { ...head, signature: sign(key, 'head', head) }
}

/** Throws `bad-signature` unless the head is signed with the key. */
export function checkHead({ feed, seq, issued, hash, root, signature }: Head, publicKey: string): void {
  checkSignature(publicKey, 'head', { feed, seq, issued, hash, root }, signature)
}

/** The head of untrusted JSON; its signature is not checked yet. */
export function parseHead(value: unknown): Head {
  const fields = parseFields(value, 'A head')
  return {
    feed: parseFeedName(parseText(fields, 'feed', 128)),
    seq: parseInteger(fields, 'seq', 1, Number.MAX_SAFE_INTEGER),
    issued: parseInteger(fields, 'issued', 0, Number.MAX_SAFE_INTEGER),
    hash: encodeBase64(decodeBase64(parseText(fields, 'hash', 43), 32)),
    root: encodeBase64(decodeBase64(parseText(fields, 'root', 43), 32)),
    signature: parseText(fields, 'signature', 86),
  }
}

/** The batch of untrusted JSON text, with nothing in it but what is understood; signature and chain not checked yet. */
export function parseBatch(text: string): Batch {
  if (text.length > feedLimits.batchCharactersMax) throw new ReputationError('too-large', 'The batch is too large.')
  const fields = parseFields(parseJson(text), 'A batch')
  const head = parseHead(fields)
  const prev = head.seq === 1 ? '' : encodeBase64(decodeBase64(parseText(fields, 'prev', 43), 32))
  const entries = parseList(fields, 'entries', feedLimits.batchEntriesMax, parseEntry)
  return { ...head, prev, entries }
}

/** The value of JSON text; throws `bad-feed` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ReputationError('bad-feed', 'That is no JSON.')
  }
}

/** A name of a feed: letters, digits and `.`, `_`, `~`, `-`; throws `bad-feed` for others. */
export function parseFeedName(name: string): string {
  if (!feedName.test(name)) throw new ReputationError('bad-feed', 'That is no name of a feed.')
  return name
}

/** The batch without the contents of some statements; its hash and signature stay what they were. */
export function eraseEntries(batch: Batch, ids: ReadonlySet<string>): Batch {
  const entries = batch.entries.map((entry): FeedEntry => {
    const id = entryId(entry)
    return id !== undefined && ids.has(id) ? { op: 'erased', hash: hashEntry(entry) } : entry
  })
  return { ...batch, entries }
}
