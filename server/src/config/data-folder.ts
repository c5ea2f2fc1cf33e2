/** The data folder: made at first start, readable by nobody else; holds the server's name and its signing keys. */

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isServerName, type ServerName } from '@parallax/protocol'
import { ConfigError } from './config-error.ts'
import type { Config } from './schema.ts'

const nameFile = 'server-name'
/** The further domains, a name on each line. */
const domainsFile = 'domains'
/** Where the signing keys are, inside the data folder. */
export const keyFolder = 'keys'

/** Makes the folder if it is missing, for its owner only. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    mkdirSync(join(folder, keyFolder), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ConfigError([`The data folder ${folder} cannot be made: ${(error as Error).message}.`])
  }
}

/**
 * The server's name: of the config, else the one that this folder was begun with, else `localhost:<port>`. It is
 * kept in the folder; a ConfigError says so if the config names another, for a name can never change.
 */
export function settleServerName(config: Config): ServerName {
  const kept = findServerName(config.dataDir)
  const wanted = config.serverName ?? kept ?? `localhost:${config.listen.port}`
  if (!isServerName(wanted)) throw new ConfigError([`${wanted} is not a server name.`])
  if (kept === undefined) writeSafely(join(config.dataDir, nameFile), `${wanted}\n`)
  else if (kept !== wanted) {
    throw new ConfigError([
      `The data folder ${config.dataDir} belongs to the server ${kept}, but the configuration says ${wanted}. ` +
        'The name of a server cannot change: use another data folder, or the old name.',
    ])
  }
  return wanted
}

/**
 * The domains of this process: `first`, then the further ones. They are kept in the folder; a ConfigError says so
 * if the config lacks one, for its users would be those of another server from then on.
 */
export function settleDomains({ dataDir, domains }: Config, first: ServerName): ServerName[] {
  const path = join(dataDir, domainsFile)
  const kept = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []
  const missing = kept.filter((name) => name !== first && !domains.includes(name))
  if (missing.length > 0) {
    throw new ConfigError([
      `Users of ${missing.join(' and ')} live in the data folder ${dataDir}, but the setting domains lacks that ` +
        'name. A domain cannot be taken away.',
    ])
  }
  const further = [...new Set(domains as ServerName[])].filter((name) => name !== first)
  if (further.length > kept.length) writeSafely(path, further.map((name) => `${name}\n`).join(''))
  return [first, ...further]
}

/** The name that a data folder was begun with. */
export function findServerName(folder: string): string | undefined {
  const path = join(folder, nameFile)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

/** Whole or not at all, for its owner only, on the disk when this returns. */
export function writeSafely(path: string, text: string): void {
  const unfinished = `${path}.new`
  writeFileSync(unfinished, text, { mode: 0o600, flush: true })
  chmodSync(unfinished, 0o600)
  renameSync(unfinished, path)
}
