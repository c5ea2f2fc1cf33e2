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
  ({ site, config }) => {
    const [identityServer] = config.identity.servers
    return {
      'm.homeserver': { base_url: site.baseUrl() },
      ...(identityServer !== undefined && { 'm.identity_server': { base_url: `https://${identityServer}` } }),
    }
  },
)
