/** Asking another server for what a public feed says. The checks of the reputation package are the caller's. */

import { type Batch, type Manifest, parseBatch, parseHead, ReputationError, readManifest } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { giveWay } from './give-way.ts'
import { reputationLimits } from './limits.ts'
import type { ReputationDeps } from './reputation.ts'

/** `…/_matrix/reputation/v1/feeds/<name>`, as a feed is asked for. */
const addressPath = /\/_matrix\/reputation\/v1\/feeds\/[A-Za-z0-9._~-]{1,128}$/

/** The address of a feed in its one form; throws M_INVALID_PARAM. TLS is needed but for origins of the config. */
export function parseAddress(deps: ReputationDeps, text: string): string {
  const url = text.length <= reputationLimits.addressCharsMax && URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url === undefined || !isPlain || !addressPath.test(url.pathname)) {
    throw new MatrixError('M_INVALID_PARAM', 'An address is https://<server>/_matrix/reputation/v1/feeds/<feed>.')
  }
  if (url.protocol !== 'https:' && !isOpen(deps, url)) {
    throw new MatrixError('M_INVALID_PARAM', 'Feeds are asked for over https.')
  }
  return url.origin + url.pathname
}

function isOpen({ config }: ReputationDeps, { origin, protocol }: URL): boolean {
  return protocol === 'http:' && config.httpSources.some((allowed) => new URL(allowed).origin === origin)
}

/** The manifest, signed with the key that it names. Throws RemoteError and ReputationError. */
export async function fetchManifest(deps: ReputationDeps, address: string): Promise<Manifest> {
  const text = await fetchText(deps, `${address}/manifest`, reputationLimits.manifestBytesMax)
  return readManifest(parseReply(text))
}

/** The text of the snapshot; undefined if the feed has said nothing yet. */
export async function fetchSnapshot(deps: ReputationDeps, address: string): Promise<string | undefined> {
  try {
    return await fetchText(deps, `${address}/snapshot`, reputationLimits.snapshotBytesMax)
  } catch (error) {
    if (error instanceof RemoteError && error.answer?.status === 404) return undefined
    throw error
  }
}

/** A page of batches after a number. */
export async function fetchChanges(deps: ReputationDeps, address: string, since: number): Promise<Batch[]> {
  const text = await fetchText(deps, `${address}/changes?since=${since}`, reputationLimits.pageBytesMax)
  const { batches } = parseReply(text) as { batches?: unknown }
  if (!Array.isArray(batches) || batches.length > reputationLimits.batchesPageMax) {
    throw new ReputationError('bad-feed', 'That is no page of batches.')
  }
  const parsed: Batch[] = []
  for (const batch of batches) {
    parsed.push(parseBatch(JSON.stringify(batch)))
    await giveWay()
  }
  return parsed
}

/** The feed's head now, and the proof (hashes in base64url) that an older one lies in it; neither is checked. */
export async function fetchProof(deps: ReputationDeps, address: string, older: number) {
  const { proofBytesMax } = reputationLimits
  const text = await fetchText(deps, `${address}/proof?older=${older}`, proofBytesMax)
  const { head, proof } = parseReply(text) as { head?: unknown; proof?: unknown }
  if (!Array.isArray(proof) || !proof.every((hash) => typeof hash === 'string')) {
    throw new ReputationError('bad-proof', 'That is no proof.')
  }
  return { head: parseHead(head), proof: proof as string[] }
}

/** The names of feeds that a server says have news. */
export function parseNews(url: string, status: number, text: string): readonly string[] {
  if (status !== 200) throw refusedBy(url, status)
  const { changed } = parseReply(text) as { changed?: unknown }
  if (Array.isArray(changed) && changed.every((feed) => typeof feed === 'string')) return changed
  throw new ReputationError('bad-feed', 'Those are no news.')
}

function parseReply(text: string): object {
  checkDepth(text)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below, as what is no object.
  }
  throw new ReputationError('bad-feed', 'The answer is no JSON object.')
}

/** The JSON object that an address answers to a question. Throws RemoteError and ReputationError. */
export async function postJson(
  { outgoing }: ReputationDeps,
  url: string,
  body: object,
  bodyBytesMax: number,
): Promise<object> {
  const reply = await outgoing.request({
    url,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeoutMs: reputationLimits.fetchMs,
    bodyBytesMax,
    isTlsRequired: url.startsWith('https:'),
  })
  if (reply.status !== 200) throw refusedBy(url, reply.status)
  return parseReply(decodeText(reply.body))
}

/** Deeper nesting than any feed has would end, further on, in an exhausted stack. */
function checkDepth(text: string): void {
  let [depth, isText] = [0, false]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) isText = !isText
    else if (isText) continue
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--
    if (depth > reputationLimits.depthMax) throw new ReputationError('bad-feed', 'The answer is nested too deeply.')
  }
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** Throws `bad-feed` for bytes that are no UTF-8: others would read something else in them. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ReputationError('bad-feed', 'The answer is not UTF-8.')
  }
}

async function fetchText({ outgoing }: ReputationDeps, url: string, bodyBytesMax: number): Promise<string> {
  const { status, body } = await outgoing.request({
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    timeoutMs: reputationLimits.fetchMs,
    bodyBytesMax,
    isTlsRequired: url.startsWith('https:'),
  })
  if (status !== 200) throw refusedBy(url, status)
  return decodeText(body)
}

function refusedBy(url: string, status: number): RemoteError {
  const answer = { status, errcode: 'M_UNKNOWN', error: '', isExplained: false }
  return new RemoteError('refused', `${url} answered ${status}`, { answer })
}
