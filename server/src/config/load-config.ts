/** Reads the configuration: defaults, then the config file, then environment variables. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkConfig } from './check-config.ts'
import { findClosest } from './closest-word.ts'
import { ConfigError } from './config-error.ts'
import type { Config } from './schema.ts'
import { type ReadValue, readFileValue, readVariable, type Setting, settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A setting as it takes effect, and where it came from. */
export type Effective = { readonly setting: Setting; readonly value: unknown; readonly source: string }

export type LoadedConfig = {
  readonly config: Config
  /** The config file that was read, if there is one. */
  readonly file: string | undefined
  readonly effective: readonly Effective[]
}

/** Name of the config file in the data folder. */
export const configFileName = 'config.yaml'

/**
 * The configuration. The file is `file`, else what PARALLAX_CONFIG names, else `config.yaml` in the data folder if it
 * is there. Throws a ConfigError that lists all faults at once.
 */
export async function loadConfig(environment: Environment, file?: string): Promise<LoadedConfig> {
  const path = findFile(environment, file)
  const values = path === undefined ? new Map<string, unknown>() : await readConfigFile(path)
  const faults = path === undefined ? [] : listUnknown(values, path)
  const effective = settings.map((setting) => resolve(setting, values, path, environment, faults))
  const config = assemble(effective)
  if (faults.length === 0) faults.push(...checkConfig(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return { config, file: path, effective }
}

function findFile(environment: Environment, file: string | undefined): string | undefined {
  const named = file ?? environment.PARALLAX_CONFIG
  if (named !== undefined) {
    if (!existsSync(named)) throw new ConfigError([`The config file ${named} does not exist.`])
    return named
  }
  const usual = join(environment.HOMESERVER_DATA_DIR || './data', configFileName)
  return existsSync(usual) ? usual : undefined
}

/** The values of a file by path (`listen.port`). */
async function readConfigFile(path: string): Promise<Map<string, unknown>> {
  // By the default export: a bundle of this CommonJS package has no named ones.
  const { default: yaml } = await import('yaml')
  const values = new Map<string, unknown>()
  try {
    flatten(yaml.parse(readFileSync(path, 'utf8'), { maxAliasCount: 20 }), '', values)
  } catch (error) {
    throw new ConfigError([`${path} is not valid YAML: ${(error as Error).message.trim()}`])
  }
  return values
}

function flatten(value: unknown, path: string, values: Map<string, unknown>): void {
  const isSection = path === '' || settings.some((setting) => setting.path.startsWith(`${path}.`))
  if (!isSection || typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (path !== '' && value !== null && value !== undefined) values.set(path, value)
    else if (path === '' && value !== null && value !== undefined) throw new Error('it must hold settings by name')
    return
  }
  for (const [name, item] of Object.entries(value)) flatten(item, path === '' ? name : `${path}.${name}`, values)
}

function listUnknown(values: ReadonlyMap<string, unknown>, file: string): string[] {
  const known = settings.map(({ path }) => path)
  const sections = new Set(known.map((path) => path.split('.', 1)[0]!))
  return [...values.keys()]
    .filter((path) => !known.includes(path))
    .map((path) => {
      const meant = findClosest(path, [...known, ...sections]) ?? known.find((name) => name.endsWith(`.${path}`))
      return `${path} in ${file} is not a setting${meant === undefined ? '' : `: did you mean ${meant}?`}`
    })
}

function resolve(
  setting: Setting,
  values: ReadonlyMap<string, unknown>,
  file: string | undefined,
  environment: Environment,
  faults: string[],
): Effective {
  const inVariable = setting.variable === undefined ? undefined : environment[setting.variable] || undefined
  if (inVariable !== undefined) {
    return taken(setting, readVariable(setting, inVariable), setting.variable!, faults)
  }
  if (values.has(setting.path)) {
    return taken(setting, readFileValue(setting, values.get(setting.path)), file!, faults)
  }
  return { setting, value: setting.fallback, source: 'default' }
}

function taken(setting: Setting, read: ReadValue, source: string, faults: string[]): Effective {
  if ('value' in read) return { setting, value: read.value, source }
  faults.push(`${setting.path} (from ${source}) ${read.fault}.`)
  return { setting, value: setting.fallback, source }
}

function assemble(effective: readonly Effective[]): Config {
  const config: Record<string, unknown> = {}
  for (const { setting, value } of effective) {
    const names = setting.path.split('.')
    const last = names.pop()!
    let section = config
    for (const name of names) {
      section[name] ??= {}
      section = section[name] as Record<string, unknown>
    }
    if (value !== undefined) section[last] = value
  }
  return config as Config
}
