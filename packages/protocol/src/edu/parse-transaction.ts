/** The envelope in which servers send each other events and EDUs. Spec: server-server-api#transactions. */

import type { ServerName } from '../ids.ts'
import { isJsonObject, type JsonValue } from '../json/json.ts'
import { failEdu, isCount } from './fields.ts'
import { eduLimits } from './limits.ts'

export type Transaction = {
  /** Milliseconds since the epoch, as the origin claims; 0: it does not say. */
  readonly originServerTs: number
  /** Each still to be parsed by its room's version; at most 50. */
  readonly pdus: readonly JsonValue[]
  /** Each still to be parsed; at most 100. */
  readonly edus: readonly JsonValue[]
}

/** The transaction that an authenticated server sent; throws `bad-edu` if it is malformed or too large. */
export function parseTransaction(json: unknown, origin: ServerName): Transaction {
  if (!isJsonObject(json)) failEdu('A transaction is a JSON object')
  if (json.origin !== undefined && json.origin !== origin) failEdu('origin: not the server that sent it')
  if (!Array.isArray(json.pdus)) failEdu('pdus: not a list')
  if (json.edus !== undefined && !Array.isArray(json.edus)) failEdu('edus: not a list')
  const { pdus, edus = [] } = json
  if (pdus.length > eduLimits.pdusPerTransactionMax) failEdu('pdus: too many')
  if (edus.length > eduLimits.edusPerTransactionMax) failEdu('edus: too many')
  return { originServerTs: isCount(json.origin_server_ts) ? json.origin_server_ts : 0, pdus, edus }
}
