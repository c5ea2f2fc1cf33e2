/** Metrics in Prometheus's format, for this machine and for admins. */

import { MatrixError } from '../../../base/index.ts'
import { endpoint, textReply } from '../../../http/index.ts'

/** A reverse proxy on this machine speaks for others: what it forwards is not local. */
function isLocal(ip: string, forwarded: unknown): boolean {
  return forwarded === undefined && (ip === '::1' || ip.startsWith('127.'))
}

export const getMetrics = endpoint(
  {
    method: 'GET',
    path: '/_parallax/metrics',
    auth: 'optional-user',
    limit: 'none',
    spec: 'parallax#metrics',
  },
  async ({ metrics }, { caller, ip, headers }) => {
    const isAllowed = caller?.isAdmin === true || isLocal(ip, headers['x-forwarded-for'] ?? headers.forwarded)
    if (!isAllowed) throw new MatrixError('M_FORBIDDEN', 'Metrics are for this machine and for admins.')
    return textReply(await metrics.text(), 'text/plain; version=0.0.4; charset=utf-8')
  },
)
