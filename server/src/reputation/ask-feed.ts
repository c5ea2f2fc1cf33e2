/** Questions to the publisher of a followed feed: on single names, and by members. Checking rows is the caller's. */

import { isJsonObject, type JsonObject, type ServerName } from '@parallax/protocol'
import {
  type Batch,
  decodeBase64,
  type Evaluation,
  type Manifest,
  parseBatch,
  ReputationError,
  readManifest,
} from '@parallax/reputation'
import { RemoteError } from '../remote/index.ts'
import { postJson } from './fetch-feed.ts'
import { reputationLimits } from './limits.ts'
import type { ReputationDeps } from './reputation.ts'

/** What a publisher is asked as one server by another: its name is that in the address. Throws RemoteError. */
async function askAsServer(deps: ReputationDeps, address: string, what: string, body: JsonObject): Promise<JsonObject> {
  const { host, pathname, protocol } = new URL(address)
  if (!deps.remote.isEnabled || protocol !== 'https:' || !pathname.startsWith('/_matrix/')) {
    throw new RemoteError('denied', `${address} cannot be asked by a server that says who it is`)
  }
  const parties = { origin: deps.ownServer, destination: host as ServerName }
  return deps.remote.calls.askFeed(parties, `${pathname}/${what}`, body)
}

/** The oblivious function of a feed on blinded names. Throws RemoteError, ReputationError. */
export async function askBlinded(
  deps: ReputationDeps,
  address: string,
  elements: readonly string[],
): Promise<Evaluation> {
  const answer = await askAsServer(deps, address, 'oprf', { elements: [...elements] })
  return {
    elements: textsOf(answer.elements).map((element) => decodeBase64(element, 32)),
    proof: proofOf(answer.proof),
  }
}

function proofOf(proof: unknown): Uint8Array {
  if (typeof proof !== 'string') throw new ReputationError('bad-proof', 'There is no proof.')
  return decodeBase64(proof, 64)
}

function textsOf(values: unknown): string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  throw new ReputationError('bad-feed', 'Those are no texts.')
}

/** What another server knows of feeds: heads by key, nothing of it checked. Throws RemoteError. */
export async function askHeads(
  { remote, ownServer }: ReputationDeps,
  server: ServerName,
  heads: JsonObject,
): Promise<JsonObject> {
  const parties = { origin: ownServer, destination: server }
  const answer = await remote.calls.askFeed(parties, '/_matrix/reputation/v1/heads', { heads })
  return isJsonObject(answer.heads) ? answer.heads : {}
}

/** What members get. `readers`: those of the users asked for who are readers. */
export type MembersAnswer = {
  readonly manifest: Manifest
  readonly readers: readonly string[]
  readonly audienceKey: string
  readonly batches: readonly Batch[]
}

/** Throws RemoteError (404: none of them is a reader), ReputationError. */
export async function askAsMembers(
  deps: ReputationDeps,
  address: string,
  readers: readonly string[],
  since: number,
): Promise<MembersAnswer> {
  const answer = await askAsServer(deps, address, 'members', { readers: [...readers], since })
  const { manifest, key, batches } = answer
  if (typeof key !== 'string' || !Array.isArray(batches))
    throw new ReputationError('bad-feed', 'That is no narrow feed.')
  decodeBase64(key, 32)
  return {
    manifest: readManifest(manifest),
    readers: textsOf(answer.readers),
    audienceKey: key,
    batches: batches.map((batch) => parseBatch(JSON.stringify(batch))),
  }
}

/** An answer by range: the publisher's bits, and the rows by prefix. */
export type RangeAnswer = { readonly bits: number; readonly rows: ReadonlyMap<number, Uint8Array> }

/** Throws RemoteError, ReputationError. */
export async function askRange(
  deps: ReputationDeps,
  address: string,
  bits: number | undefined,
  prefixes: readonly number[],
): Promise<RangeAnswer> {
  const { rangeBytesMax } = reputationLimits
  const asked = { ...(bits !== undefined && { bits }), prefixes }
  const answer = (await postJson(deps, `${address}/range`, asked, rangeBytesMax)) as Record<string, unknown>
  const { bits: theirs, rows } = answer
  const isFine = Number.isInteger(theirs) && Number(theirs) >= 0 && Number(theirs) <= 32
  if (!isFine || typeof rows !== 'object' || rows === null) throw new ReputationError('bad-feed', 'That is no answer.')
  const found = Object.entries(rows).map(([prefix, text]) => {
    if (typeof text !== 'string') throw new ReputationError('bad-feed', 'Those are no rows.')
    return [Number(prefix), decodeBase64(text)] as const
  })
  return { bits: Number(theirs), rows: new Map(found) }
}
