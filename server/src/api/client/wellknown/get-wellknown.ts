/** Where clients find the server of a domain. Spec: client-server-api#getwell-knownmatrixclient. */

import { endpoint } from '../../../http/index.ts'

export const getWellknown = endpoint(
  {
    method: 'GET',
    path: '/.well-known/matrix/client',
    auth: 'none',
    limit: 'none',
    spec: 'client-server#getwell-knownmatrixclient',
  },
  ({ site }) => ({ 'm.homeserver': { base_url: site.baseUrl() } }),
)
