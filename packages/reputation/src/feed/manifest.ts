/**
 * What a feed says of itself: its key, what its contexts mean, how it comes about, and whom to ask. One that does not
 * say what its contexts mean is undeclared, and is trusted less.
 */

import { actions, findContext } from '../context.ts'
import { ReputationError } from '../errors.ts'
import { feedLimits, reputationLimits } from '../limits.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseFeedName } from './batch.ts'
import { canonicalJson, type Json } from './canonical.ts'
import { type Fields, parseFields, parseInteger, parseList, parseOptional, parseText, parseWord } from './fields.ts'
import { checkSignature, type FeedKey, sign } from './sodium.ts'

/** How hard it is to try many entities on a feed: not at all, quick hash, slow hash, asking the feed, members only. */
export const tiers = ['T0', 'T1', 'T2', 'T3', 'T4'] as const
export type Tier = (typeof tiers)[number]

/** What a context means to a feed; its place in the list is its number in sealed rows. */
export type ContextDefinition = {
  readonly context: string
  readonly meaning: string
  /** What the feed would do about it. */
  readonly action?: (typeof actions)[number]
  /** Where the feed's opinions fade otherwise than usual, in days. */
  readonly half_life_days?: number
}

/** A feed that another is derived from; `address`: where it can be read. */
export type ManifestParent = {
  readonly feed: string
  readonly seq: number
  readonly weight: number
  readonly address?: string
}

export type Manifest = {
  readonly feed: string
  readonly name: string
  /** 32 bytes in base64url. */
  readonly key: string
  /** Counts up with each change of the manifest. */
  readonly revision: number
  readonly class: 'human' | 'automated' | 'mixed'
  readonly contexts: readonly ContextDefinition[]
  /** Reason codes; the place of one is its number in sealed rows. */
  readonly reasons: readonly string[]
  readonly tier: Tier
  readonly epoch: number
  /** For the slow hash: 16 bytes in base64url. */
  readonly salt?: string
  /** For asking the feed: the public key of its oblivious function, 32 bytes in base64url. */
  readonly oprf?: string
  readonly languages: readonly string[]
  /** Feeds that this one blends, and how much of each counts (1 to 95 percent): followers may blend them themselves. */
  readonly derived_from: readonly ManifestParent[]
  /** Where to object. */
  readonly contact?: string
  readonly licence?: string
  readonly last_reviewed?: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const misleading = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** A text that people read: nothing in it may turn round what stands beside it. */
function parseProse(fields: Fields, name: string): string {
  const text = parseText(fields, name, feedLimits.textLengthMax)
  if (misleading.test(text)) throw new ReputationError('bad-feed', `"${name}" has characters that cannot be seen.`)
  return text
}

const classes = ['human', 'automated', 'mixed'] as const

/** Whether a feed says what it is: only then it may be trusted more than 0.4. */
export function isDeclared(manifest: Manifest | undefined): boolean {
  return manifest !== undefined && manifest.contexts.length > 0
}

/** The manifest with its signature, as it is published. */
export function signManifest(key: FeedKey, manifest: Manifest): Manifest & { readonly signature: string } {
  if (manifest.key !== key.publicKey) throw new ReputationError('key-changed', 'The manifest names another key.')
  const checked = parseManifest(manifest)
  return { ...checked, signature: sign(key, 'manifest', checked as Json) }
}

/** A published manifest. Throws `bad-feed`, `too-large`, `bad-context`, or `bad-signature`; its own key counts. */
export function readManifest(value: unknown): Manifest {
  const manifest = parseManifest(value)
  const signature = parseText(parseFields(value, 'A manifest'), 'signature', 86)
  checkSignature(manifest.key, 'manifest', manifest as Json, signature)
  return manifest
}

/**
 * Throws unless a manifest may follow another: `key-changed` (the subscription pauses and asks), `rolled-back`, or
 * `bad-feed` where numbers that sealed rows of the same epoch use would mean something else.
 */
export function checkSuccessor(before: Manifest, after: Manifest): void {
  if (before.feed !== after.feed) throw new ReputationError('bad-feed', 'The manifest is of another feed.')
  if (before.key !== after.key) throw new ReputationError('key-changed', 'The feed has another key.')
  if (after.revision < before.revision || after.epoch < before.epoch) {
    throw new ReputationError('rolled-back', 'The manifest is older than the one that is known.')
  }
  if (after.revision === before.revision && canonicalJson(after as Json) !== canonicalJson(before as Json)) {
    throw new ReputationError('forked', 'The feed signed two manifests of one revision.')
  }
  if (after.epoch > before.epoch) return
  const [old, fresh] = [numbersOf(before), numbersOf(after)]
  if (old.contexts.some((context, at) => context !== fresh.contexts[at])) moved()
  if (old.reasons.some((reason, at) => reason !== fresh.reasons[at]) || before.salt !== after.salt) moved()
  if (before.oprf !== undefined && before.oprf !== after.oprf) moved()
}

function numbersOf({ contexts, reasons }: Manifest) {
  return { contexts: contexts.map(({ context }) => context), reasons }
}

function moved(): never {
  throw new ReputationError('bad-feed', 'Within an epoch, contexts and reasons are only added; salt and key stay.')
}

/** The manifest of untrusted JSON, with nothing in it but what is understood; the signature is not looked at. */
export function parseManifest(value: unknown): Manifest {
  const fields = parseFields(value, 'A manifest')
  const { contextsMax, parentsMax, manifestCharactersMax } = feedLimits
  const tier = parseWord(fields, 'tier', tiers)
  const salt = parseOptional(fields, 'salt', () => canonicalBytes(parseText(fields, 'salt', 22), 16))
  if (tier === 'T2' && salt === undefined) throw new ReputationError('bad-feed', 'Tier T2 needs a salt.')
  const oprf = parseOptional(fields, 'oprf', () => canonicalBytes(parseText(fields, 'oprf', 43), 32))
  if (tier === 'T3' && oprf === undefined) throw new ReputationError('bad-feed', 'Tier T3 needs a key.')
  const contact = parseOptional(fields, 'contact', () => parseProse(fields, 'contact'))
  const licence = parseOptional(fields, 'licence', () => parseProse(fields, 'licence'))
  const reviewed = parseOptional(fields, 'last_reviewed', () => parseCount(fields, 'last_reviewed'))
  const parents = parseList(fields, 'derived_from', parentsMax, parseParent)
  const manifest: Manifest = {
    feed: parseFeedName(parseText(fields, 'feed', 128)),
    name: parseProse(fields, 'name'),
    key: canonicalBytes(parseText(fields, 'key', 43), 32),
    revision: parseInteger(fields, 'revision', 1, Number.MAX_SAFE_INTEGER),
    class: parseWord(fields, 'class', classes),
    contexts: parseList(fields, 'contexts', contextsMax, parseDefinition),
    reasons: parseList(fields, 'reasons', contextsMax, (item) => parseName(item)),
    tier,
    epoch: parseCount(fields, 'epoch'),
    ...(salt !== undefined && { salt }),
    ...(oprf !== undefined && { oprf }),
    languages: parseList(fields, 'languages', contextsMax, (item) => parseName(item)),
    derived_from: parents,
    ...(contact !== undefined && { contact }),
    ...(licence !== undefined && { licence }),
    ...(reviewed !== undefined && { last_reviewed: reviewed }),
  }
  if (new Set([manifest.feed, ...parents.map(({ feed }) => feed)]).size !== parents.length + 1) {
    throw new ReputationError('bad-feed', 'A feed is derived from others, and names each once.')
  }
  if (canonicalJson(manifest as Json).length > manifestCharactersMax) {
    throw new ReputationError('too-large', 'The manifest is too large.')
  }
  return manifest
}

function parseDefinition(value: unknown): ContextDefinition {
  const fields = parseFields(value, 'A definition of a context')
  const context = parseText(fields, 'context', reputationLimits.nameLengthMax)
  // A severe context has one name for all, or the list of contexts would tell what the feed holds.
  if (findContext(context).class === 'severe' && context !== 'severe') {
    throw new ReputationError('bad-context', 'A severe context is named "severe" and nothing more.')
  }
  const action = parseOptional(fields, 'action', () => parseWord(fields, 'action', actions))
  const days = parseOptional(fields, 'half_life_days', () => parseInteger(fields, 'half_life_days', 1, 36_500))
  return {
    context,
    meaning: parseProse(fields, 'meaning'),
    ...(action !== undefined && { action }),
    ...(days !== undefined && { half_life_days: days }),
  }
}

function parseParent(value: unknown): ManifestParent {
  const fields = parseFields(value, 'A feed that this one is derived from')
  const address = parseOptional(fields, 'address', () => parseText(fields, 'address', feedLimits.textLengthMax))
  return {
    feed: parseFeedName(parseText(fields, 'feed', 128)),
    seq: parseInteger(fields, 'seq', 1, Number.MAX_SAFE_INTEGER),
    weight: parseInteger(fields, 'weight', 1, 95),
    ...(address !== undefined && { address }),
  }
}

function parseName(item: unknown): string {
  return parseText({ item }, 'item', reputationLimits.nameLengthMax)
}

function parseCount(fields: Fields, name: string): number {
  return parseInteger(fields, name, 0, Number.MAX_SAFE_INTEGER)
}

function canonicalBytes(text: string, length: number): string {
  return encodeBase64(decodeBase64(text, length))
}
