/** What a failed request means for who runs the server that was asked. */

import { type ServerName, splitServerName } from '@parallax/protocol'
import type { RemoteError } from '../remote-error.ts'

/** Sentences for the administrator; `name`: what the certificate must be for. */
export function explainFailure(error: RemoteError, name: string): string {
  const { host } = splitServerName(name as ServerName)
  switch (error.kind) {
    case 'dns':
      return `the name has no address: make an A or AAAA record. (${error.message})`
    case 'connect':
      return (
        'nothing accepts connections: start the server or its proxy, open the port in the firewall, and if there is ' +
        `a router, forward it; some routers do not lead back in from within. (${error.message})`
      )
    case 'timeout':
      return `no answer in time: a firewall may drop what comes to this port. (${error.message})`
    case 'tls':
      return (
        `the certificate is not valid for ${host}: it must name ${host}, be in date, come from an authority that ` +
        `others trust, and be sent with the certificates between. (${error.message})`
      )
    case 'blocked-address':
      return `the name leads to a private address, which nobody outside reaches. (${error.message})`
    default:
      return `${error.message}.`
  }
}
