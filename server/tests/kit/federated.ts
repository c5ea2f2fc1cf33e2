/** Whole servers in one process that talk to each other over TLS on loopback; each is called `localhost:<port>`. */

import { testAuthority } from './authority.ts'
import { type InProcess, startInProcess } from './in-process.ts'
import { findFreePort } from './server-process.ts'

/** Starts a server with federation; `yaml` is added to its config file. */
export async function startFederated(yaml = '', environment: Record<string, string> = {}): Promise<InProcess> {
  const { authority, certificate, key } = testAuthority()
  const port = await findFreePort()
  return startInProcess(
    {
      SERVER_NAME: `localhost:${port}`,
      HOMESERVER_FEDERATION: '1',
      HOMESERVER_HTTPS_PORT: String(port),
      HOMESERVER_TLS_CERT: certificate,
      HOMESERVER_TLS_KEY: key,
      HOMESERVER_CA_CERT: authority,
      ...environment,
    },
    `outgoing: { allowRanges: ["127.0.0.0/8", "::1"] }\n${yaml}`,
  )
}
