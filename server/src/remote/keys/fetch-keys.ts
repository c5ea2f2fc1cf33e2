/** Asking for keys: the server itself, or a notary. Not signed: nobody's keys are known yet. */

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type PublicKeys,
  type ServerName,
  verifyJson,
} from '@parallax/protocol'
import { keyLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import { parseReply } from '../signed/signed-request.ts'
import type { Transport } from '../signed/transport.ts'
import { type KeyDocument, parseKeyDocument } from './key-document.ts'

/**
 * The document that a server publishes about itself; `isThere`: also asked while it is left alone.
 * Spec: server-server-api#get_matrixkeyv2server.
 */
export async function fetchOwnKeys(
  transport: Transport,
  server: ServerName,
  nowMs: number,
  isThere: boolean,
): Promise<KeyDocument> {
  const json = await ask(transport, server, { method: 'GET', path: '/_matrix/key/v2/server', isUrgent: isThere })
  return parseKeyDocument(json, server, nowMs)
}

/**
 * What a notary says about a server's keys; its documents are signed by it and by the server.
 * Spec: server-server-api#post_matrixkeyv2query.
 */
export async function fetchKeysFromNotary(
  transport: Transport,
  notary: { readonly name: ServerName; readonly keys: PublicKeys },
  server: ServerName,
  minimumValidMs: number,
  nowMs: number,
): Promise<KeyDocument[]> {
  const body: JsonObject = { server_keys: { [server]: {} } }
  if (minimumValidMs > 0) body.server_keys = { [server]: { 'ed25519:any': { minimum_valid_until_ts: minimumValidMs } } }
  const json = await ask(transport, notary.name, { method: 'POST', path: '/_matrix/key/v2/query', body })
  if (!isJsonObject(json) || !Array.isArray(json.server_keys)) {
    throw new RemoteError('bad-reply', `${notary.name} did not answer keys`)
  }
  const documents = json.server_keys.slice(0, keyLimits.keysPerServerMax)
  const ofServer = documents.filter((document) => isJsonObject(document) && document.server_name === server)
  return ofServer
    .filter((document) => verifyJson(document as JsonObject, notary.name, notary.keys))
    .map((document) => parseKeyDocument(document, server, nowMs))
}

type Question = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: JsonObject
  readonly isUrgent?: boolean
}

async function ask(
  transport: Transport,
  server: ServerName,
  { method, path, body, isUrgent = false }: Question,
): Promise<JsonValue> {
  const reply = await transport.send(server, {
    ...{ method, path, isUrgent, timeoutMs: keyLimits.requestTimeoutMs, bodyBytesMax: keyLimits.documentBytesMax },
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (reply.status === 200) return parseReply(server, reply.body)
  throw new RemoteError('bad-reply', `${server} answered ${reply.status} when asked for keys`)
}
