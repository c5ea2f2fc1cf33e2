/** What a sender is told when the room's policy server does not sign. */

import type { ServerName } from '@parallax/protocol'
import { type Errcode, MatrixError } from '../base/index.ts'
import type { RemoteError } from '../remote/index.ts'

/**
 * What a policy server may answer, with the statuses; it is handed on as it is. Other codes would mean something to the
 * client that is not the policy server's to say: M_UNKNOWN_TOKEN would log the user out.
 */
const handedOn: ReadonlySet<string> = new Set([
  ...['400 M_FORBIDDEN', '400 M_BAD_JSON', '400 M_NOT_JSON'],
  ...['403 M_FORBIDDEN', '404 M_NOT_FOUND', '429 M_LIMIT_EXCEEDED'],
])

/** `error`: undefined if it was not asked, because it did not answer a moment ago. */
export function explainFailure(server: ServerName, error: RemoteError | undefined): MatrixError {
  const answer = error?.answer
  if (answer !== undefined && handedOn.has(`${answer.status} ${answer.errcode}`)) {
    return new MatrixError(answer.errcode as Errcode, answer.error, {}, answer.status)
  }
  if (answer !== undefined && answer.status < 500) {
    return new MatrixError('M_FORBIDDEN', `The policy server ${server} refuses: ${answer.error}`)
  }
  return new MatrixError('M_UNKNOWN', `The policy server ${server} of the room does not answer.`, {}, 502)
}
