/** What outgoing requests need of the config. */

import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import type { Config } from './schema.ts'

/** The rules on addresses, and the authorities to be trusted beside the usual ones. */
export function outgoingOf({ outgoing }: Config) {
  const { allowPrivateNetworks, allowRanges, denyRanges, caCertificate } = outgoing
  const authorities = caCertificate === undefined ? [] : [readAuthority(caCertificate)]
  return { allowPrivateNetworks, allowRanges, denyRanges, authorities }
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError([`outgoing.caCertificate ${path} cannot be read: ${(error as Error).message}.`])
  }
}
