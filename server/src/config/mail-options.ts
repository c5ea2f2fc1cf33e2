/** How this server sends e-mail. */

import type { Config } from './schema.ts'

/** Undefined: it sends none. */
export function mailOf({ mail }: Config, serverName: string) {
  const { host, port, tls, username, password, from = `noreply@${serverName}` } = mail
  return host === undefined ? undefined : { host, port, tls, username, password, from }
}
