/** Failures as sentences: what is wrong, and what to do. */

import { MatrixError } from '../base/index.ts'
import { ConfigError } from '../config/index.ts'
import { StoreError } from '../store/index.ts'
import { exitStatus, UsageError } from './command.ts'

const sockets: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already: is another server running? Choose another one with HOMESERVER_HTTP_PORT',
  EACCES: 'may not be opened by this user: choose one above 1023 with HOMESERVER_HTTP_PORT, behind a reverse proxy',
  EADDRNOTAVAIL: 'is not an address of this machine: see HOMESERVER_BIND_ADDRESS',
}

/** Tells the user what failed; answers the exit status. */
export function explainFailure(error: unknown): number {
  if (error instanceof UsageError) return tell(`${error.message}. See --help.`, exitStatus.usage)
  if (error instanceof ConfigError) {
    return tell(`the configuration cannot be used:\n  ${error.faults.join('\n  ')}`, exitStatus.config)
  }
  if (error instanceof StoreError && error.kind === 'busy') {
    return tell(`${error.message} Stop it first, or give this one another data folder.`, exitStatus.busy)
  }
  if (error instanceof MatrixError) return tell(error.message, exitStatus.failed)
  if (error instanceof StoreError) return tell(error.message, exitStatus.failed)
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const hint = code === undefined ? undefined : sockets[code]
  if (hint !== undefined) return tell(`${address ?? ''}:${port ?? ''} ${hint}.`, exitStatus.failed)
  return tell(error instanceof Error ? (error.stack ?? error.message) : String(error), exitStatus.failed)
}

function tell(sentence: string, status: number): number {
  console.error(`parallax: ${sentence}`)
  return status
}
