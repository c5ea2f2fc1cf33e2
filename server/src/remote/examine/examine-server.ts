/**
 * Looks at a server as others find it, step by step, and says what is wrong in sentences for its administrator.
 * Spec: server-server-api#server-discovery, server-server-api#publishing-keys.
 */

import { isServerName, ProtocolError, parseStrictJsonObject, type ServerName } from '@parallax/protocol'
import type { Clock } from '../../base/index.ts'
import { createDiscovery } from '../discovery/discovery.ts'
import type { ResolveSrv } from '../discovery/srv.ts'
import { findExplicitTarget, isIpLiteral, type Target } from '../discovery/target.ts'
import type { OutgoingHttp } from '../http/outgoing-http.ts'
import { type KeyDocument, parseKeyDocument } from '../keys/key-document.ts'
import { examineLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import { explainFailure } from './explain-failure.ts'

export type Examined = {
  readonly check: 'well-known' | 'SRV' | 'place' | 'keys' | 'federation' | 'clock'
  readonly state: 'ok' | 'warning' | 'fault'
  readonly text: string
}

export type ExamineDeps = {
  readonly http: OutgoingHttp
  readonly clock: Clock
  readonly resolveSrv: ResolveSrv
}

/** What is to be found there: of a server of ours the key that it signs with; undefined: whatever it says. */
export type Expected = { readonly keyId: string; readonly publicKey: string } | undefined

/** Never rejects for what the other side does. `hasOtherClock`: it is another machine, with a clock to compare with. */
export async function examineServer(
  deps: ExamineDeps,
  server: ServerName,
  expected: Expected,
  hasOtherClock: boolean,
): Promise<Examined[]> {
  const found: Examined[] = []
  if (!isServerName(server)) return [{ check: 'place', state: 'fault', text: 'that is no server name' }]
  if (findExplicitTarget(server) === undefined) {
    const { finding, delegated = server } = await examineWellKnown(deps, server)
    found.push(finding)
    if (finding.state === 'fault') return found
    if (findExplicitTarget(delegated) === undefined) found.push(await examineRecords(deps, delegated))
  }
  const random = () => 0.5
  try {
    const targets = await createDiscovery({ ...deps, random }).find(server)
    for (const target of targets) found.push(...(await examineTarget(deps, server, target, expected, hasOtherClock)))
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    found.push({ check: 'place', state: 'fault', text: error.message })
  }
  return found
}

type WellKnownFinding = { readonly finding: Examined; readonly delegated?: ServerName }

async function examineWellKnown({ http }: ExamineDeps, server: ServerName): Promise<WellKnownFinding> {
  const check = 'well-known'
  const url = `https://${server}/.well-known/matrix/server`
  const goesOn = 'SRV records and port 8448 are tried next'
  try {
    const { status, body } = await http.request({ ...request, url, redirectsMax: examineLimits.redirectsMax })
    if (status === 404) return { finding: { check, state: 'ok', text: `${url} names no other place: ${goesOn}` } }
    if (status !== 200) {
      return { finding: { check, state: 'warning', text: `${url} answers ${status}, which counts as none: ${goesOn}` } }
    }
    const delegated = readDelegation(body)
    if (delegated !== undefined)
      return { finding: { check, state: 'ok', text: `${url} names ${delegated}` }, delegated }
    const sample = '{"m.server": "matrix.example.org:443"}'
    const text = `${url} must answer ${sample}: a host, perhaps with a port, without https://`
    return { finding: { check, state: 'fault', text } }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const text = `${url} could not be read: ${explainFailure(error, server)} That counts as none: ${goesOn}`
    return { finding: { check, state: 'warning', text } }
  }
}

function readDelegation(body: Uint8Array): ServerName | undefined {
  try {
    const name = parseStrictJsonObject(body)['m.server']
    return typeof name === 'string' && isServerName(name) ? name : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

async function examineRecords({ resolveSrv }: ExamineDeps, host: ServerName): Promise<Examined> {
  const check = 'SRV'
  const [records, old] = [await resolveSrv(`_matrix-fed._tcp.${host}`), await resolveSrv(`_matrix._tcp.${host}`)]
  const list = (all: typeof records) => all.map(({ name, port }) => `${name}:${port}`).join(', ')
  if (records.length > 0) return { check, state: 'ok', text: `_matrix-fed._tcp.${host} names ${list(records)}` }
  if (old.length === 0) return { check, state: 'ok', text: `${host} has no SRV records: port 8448 of ${host} is used` }
  const text = `_matrix._tcp.${host} names ${list(old)}, but that name is deprecated: make it _matrix-fed._tcp.${host}`
  return { check, state: 'warning', text }
}

/** Asks one place of the server for its keys and its version. */
async function examineTarget(
  { http, clock }: ExamineDeps,
  server: ServerName,
  target: Target,
  expected: Expected,
  hasOtherClock: boolean,
): Promise<Examined[]> {
  const place = `${target.host}:${target.port}`
  const ask = (path: string) => {
    const url = `https://${place}${path}`
    return http.request({ ...request, url, headers: { ...request.headers, host: target.hostHeader } })
  }
  try {
    const reply = await ask('/_matrix/key/v2/server')
    const found: Examined[] = [{ check: 'place', state: 'ok', text: `${place} answers with a valid certificate` }]
    if (isIpLiteral(target.host)) {
      const text = 'the name is an address: it cannot move, and few authorities make certificates for it'
      found.push({ check: 'place', state: 'warning', text })
    }
    const sentMs = Date.parse(String(reply.headers.date ?? ''))
    if (hasOtherClock && !Number.isNaN(sentMs)) found.push(compareClocks(clock.nowMs(), sentMs, server))
    found.push(examineKeys(server, reply, expected, clock.nowMs()))
    const version = await ask('/_matrix/federation/v1/version')
    const isThere = version.status === 200
    const answer = `${place} answers ${version.status} to /_matrix/federation/v1/version`
    const text = isThere ? `${place} answers requests of other servers` : `${answer}: ${passAll}`
    return [...found, { check: 'federation', state: isThere ? 'ok' : 'fault', text }]
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return [{ check: 'place', state: 'fault', text: `${place}: ${explainFailure(error, target.hostHeader)}` }]
  }
}

function examineKeys(
  server: ServerName,
  { status, body }: { readonly status: number; readonly body: Uint8Array },
  expected: Expected,
  nowMs: number,
): Examined {
  const check = 'keys'
  const fault = (text: string): Examined => ({ check, state: 'fault', text })
  if (status !== 200) return fault(`/_matrix/key/v2/server answers ${status}: ${passAll}`)
  let document: KeyDocument
  try {
    document = parseKeyDocument(parseStrictJsonObject(body), server, nowMs)
  } catch (error) {
    if (error instanceof ProtocolError) return fault('/_matrix/key/v2/server answers no JSON: is it a Matrix server?')
    if (error instanceof RemoteError) return fault(`${error.message}: another server answers under this name`)
    throw error
  }
  if (document.validUntilMs < nowMs) return fault('the published keys have expired: look at the clock of the server')
  const key = document.keys.find(({ keyId }) => keyId === expected?.keyId)
  if (expected !== undefined && key?.publicKey !== expected.publicKey) {
    const why = 'another server answers, or it was not restarted since the key changed'
    return fault(`the published keys lack ${expected.keyId} of this data folder: ${why}`)
  }
  return { check, state: 'ok', text: `the key document of ${server} is signed and valid` }
}

function compareClocks(nowMs: number, theirMs: number, server: ServerName): Examined {
  const seconds = Math.round((nowMs - theirMs) / 1000)
  const isFar = Math.abs(seconds) > examineLimits.clockOffMaxS
  const text = isFar
    ? `this clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of ${server}: set it by NTP`
    : `goes as that of ${server}`
  return { check: 'clock', state: isFar ? 'fault' : 'ok', text }
}

const passAll = 'let the proxy pass all of /_matrix/'

const request = {
  method: 'GET',
  headers: { accept: 'application/json' },
  timeoutMs: examineLimits.timeoutMs,
  bodyBytesMax: examineLimits.bodyBytesMax,
  isTlsRequired: true,
} as const
