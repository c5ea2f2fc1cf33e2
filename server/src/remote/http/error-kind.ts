/** What a failure of the HTTP client or a socket means, as a RemoteError. */

import { RemoteError, type RemoteErrorKind } from '../remote-error.ts'

const kinds: Readonly<Record<string, RemoteErrorKind>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ENODATA: 'dns',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad-reply',
  UND_ERR_INVALID_ARG: 'bad-name',
  UND_ERR_DESTROYED: 'closed',
  UND_ERR_CLOSED: 'closed',
  EPROTO: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
}

/** Codes of connections that ended before a reply, as an idle one does when the other side closes it. */
const brokenCodes: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** The failure as a RemoteError, with the other as its cause. */
export function toRemoteError(error: unknown, what: string): RemoteError {
  if (error instanceof RemoteError) return error
  if (!(error instanceof Error)) return new RemoteError('connect', `${what}: ${String(error)}`)
  const inner = error instanceof AggregateError ? error.errors.find((one) => one instanceof RemoteError) : error.cause
  if (inner instanceof RemoteError) return inner
  if (error.name === 'HTTPParserError') return new RemoteError('bad-reply', `${what}: ${error.message}`.slice(0, 500))
  const code = codeOf(error)
  return new RemoteError(kindOf(code), `${what}: ${code} ${error.message}`.slice(0, 500), { cause: error })
}

/** True if the connection ended before the other side answered: a request that changes nothing may be sent again. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && brokenCodes.has(codeOf(error))
}

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? '')
}

function kindOf(code: string): RemoteErrorKind {
  const known = kinds[code]
  if (known !== undefined) return known
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|ERR_OSSL|HOSTNAME_)/.test(code) ? 'tls' : 'connect'
}
