/** What `parallax doctor` finds of how other servers see this one. */

import { composeExamine } from '../compose.ts'
import { type Config, findPublicKey } from '../config/index.ts'
import type { Finding } from './finding.ts'

/** Asks for each of the domains, and for the peer, as any other server would; over the network. */
export async function examineFederation(
  config: Config,
  name: string | undefined,
  peer: string | undefined,
): Promise<Finding[]> {
  if (!config.federation.enabled && peer === undefined) {
    const text = 'is off: users talk only among themselves (federation.enabled or HOMESERVER_FEDERATION=1 turns it on)'
    return [{ check: 'federation', state: 'ok', text }]
  }
  const { examine, close } = await composeExamine(config)
  const domains = config.federation.enabled && name !== undefined ? [...new Set([name, ...config.domains])] : []
  type Server = Parameters<typeof examine>[0]
  try {
    const findings: Finding[] = []
    for (const domain of domains as Server[]) {
      const key = findPublicKey(config.dataDir, domain)
      findings.push(...(await examine(domain, key, false)).map((one) => of(domain, one)))
    }
    if (peer !== undefined) {
      const examined = await examine(peer as Server, undefined, true)
      findings.push(...examined.map((one) => of(peer, one)))
    }
    return findings
  } finally {
    await close()
  }
}

function of(server: string, { check, state, text }: Finding): Finding {
  return { check: `${check} of ${server}`, state, text }
}
