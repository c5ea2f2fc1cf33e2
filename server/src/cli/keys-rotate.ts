/** `parallax keys rotate`: a new signing key. */

import { createSystemClock } from '../base/index.ts'
import {
  findRunning,
  loadConfig,
  prepareDataFolder,
  rotateSigningKey,
  settleDomains,
  settleServerName,
} from '../config/index.ts'
import { type Command, exitStatus, readOptions } from './command.ts'

export const keysRotate: Command = {
  help: `Makes a new signing key for each domain; the old ones stay published, so that others can verify what
they signed.
The server must not run. Do this if the key may have become known to somebody else.

Options:
  --config FILE   the config file

Example:
  parallax keys rotate`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string' })
    const { config } = await loadConfig(environment, options.config)
    const running = findRunning(config.dataDir)
    if (running !== undefined && isAlive(running.pid)) {
      console.error('The server runs and would go on signing with the old key: stop it first.')
      return exitStatus.busy
    }
    prepareDataFolder(config.dataDir)
    for (const server of settleDomains(config, settleServerName(config))) {
      const { keyId } = rotateSigningKey(config.dataDir, server, createSystemClock().nowMs())
      console.log(`${server} signs with ${keyId} from the next start on.`)
    }
    return exitStatus.ok
  },
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
