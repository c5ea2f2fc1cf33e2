/**
 * Telling others which keys servers have, signed by us. Spec: server-server-api#querying-keys-through-another-server.
 */

import { isServerName, type JsonObject, parseStrictJsonObject, type ServerName, signJson } from '@parallax/protocol'
import { type Clock, MatrixError } from '../../base/index.ts'
import type { Domains } from '../../config/index.ts'
import { keyLimits } from '../limits.ts'
import { buildOwnDocument } from './key-document.ts'
import type { KeyRing } from './key-ring.ts'

/** Until when the keys of a server should be valid, ms, by server; 0: now. */
export type NotaryQuestion = ReadonlyMap<string, number>

export interface Notary {
  /** Our own document for the domain that a request's `Host` names, else for the first one. */
  ownDocument(host: string | undefined): JsonObject
  /** Documents of these servers, signed by them and by us; servers whose keys cannot be had are left out. */
  listDocuments(question: NotaryQuestion): Promise<JsonObject[]>
}

export function createNotary(deps: {
  readonly keyRing: KeyRing
  readonly domains: Domains
  readonly clock: Clock
}): Notary {
  const { keyRing, domains, clock } = deps
  const signer = domains.findSigner(domains.first)!
  const findDocument = async (server: ServerName, validAtMs: number): Promise<JsonObject | undefined> => {
    const own = buildOwnDocument(domains, server, clock.nowMs())
    if (own !== undefined) return own
    const text = await keyRing.findDocument(server, validAtMs)
    return text === undefined ? undefined : parseStrictJsonObject(text)
  }
  return {
    ownDocument(host) {
      const server = host !== undefined && domains.isLocal(host) ? (host as ServerName) : domains.first
      return buildOwnDocument(domains, server, clock.nowMs())!
    },
    async listDocuments(question) {
      if (question.size > keyLimits.notaryServersMax) {
        throw new MatrixError('M_TOO_LARGE', `At most ${keyLimits.notaryServersMax} servers can be asked for at once.`)
      }
      const nowMs = clock.nowMs()
      const waiting = [...question].filter(([server]) => isServerName(server))
      const found: JsonObject[] = []
      const work = async () => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          const [server, validAtMs] = next
          const document = await findDocument(server as ServerName, Math.max(validAtMs, nowMs))
          if (document !== undefined) found.push(signJson(document, signer))
        }
      }
      await Promise.all(Array.from({ length: keyLimits.notaryParallelMax }, work))
      return found
    },
  }
}
