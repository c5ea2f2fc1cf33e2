/** How this server sends e-mail. */

import type { Config } from './schema.ts'

/** Undefined: it sends none. */
export function mailOf({ mail }: Config, serverName: string) {
  const { host, port, tls, username, password, from = `noreply@${serverName}` } = mail
  return host === undefined ? undefined : { host, port, tls: tls ?? usualTls(host, port), username, password, from }
}

/** What goes over a network is never readable by default. */
function usualTls(host: string, port: number): 'starttls' | 'implicit' | 'none' {
  if (port === 465) return 'implicit'
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host) ? 'none' : 'starttls'
}
