/** The key that rooms name beside this policy server. Spec: client-server-api#getwell-knownmatrixpolicy_server. */

import type { ServerName } from '@parallax/protocol'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getWellknownPolicy = endpoint(
  {
    method: 'GET',
    path: '/.well-known/matrix/policy_server',
    auth: 'none',
    limit: 'none',
    spec: 'client-server#getwell-knownmatrixpolicy_server',
  },
  ({ policy, domains }, { headers }) => {
    const host = String(headers.host ?? '')
    const ed25519 = policy.findPublicKey(domains.isLocal(host) ? (host as ServerName) : domains.first)
    if (ed25519 === undefined) throw new MatrixError('M_NOT_FOUND', 'This server is no policy server.')
    return { public_keys: { ed25519 } }
  },
)
