/** Whether this process takes requests; 503 while it stops, for load balancers. */

import { endpoint, jsonReply } from '../../../http/index.ts'

export const getReady = endpoint(
  { method: 'GET', path: '/_parallax/ready', auth: 'none', limit: 'none', spec: 'parallax#health' },
  ({ health }) => jsonReply({ ready: health.isReady() }, health.isReady() ? 200 : 503),
)
