/** Whether all components work: 200 and an empty list, or 503 and what is wrong. */

import { endpoint, jsonReply } from '../../../http/index.ts'

export const getHealth = endpoint(
  { method: 'GET', path: '/_parallax/health', auth: 'none', limit: 'none', spec: 'parallax#health' },
  async ({ health }) => {
    const faults = await health.faults()
    const isHealthy = Object.keys(faults).length === 0
    return jsonReply({ status: isHealthy ? 'healthy' : 'unhealthy', faults }, isHealthy ? 200 : 503)
  },
)
