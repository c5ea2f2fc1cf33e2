/** The version of this program. */

import { createRequire } from 'node:module'

/** As package.json says. */
export function version(): string {
  const require = createRequire(import.meta.url)
  return (require('../../../package.json') as { version: string }).version
}
