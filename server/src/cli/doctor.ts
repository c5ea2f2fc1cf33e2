/** `parallax doctor`: what is wrong with this set-up, each with its cause and what to do. */

import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { placeOf } from '../compose.ts'
import { type Config, ConfigError, findServerName, loadConfig } from '../config/index.ts'
import { probeStore } from '../store/index.ts'
import { type Command, exitStatus, readOptions } from './command.ts'
import { examineFederation } from './doctor-federation.ts'
import type { Finding } from './finding.ts'

const freeBytesMin = 1024 ** 3
const clockOffMaxMs = 60_000

export const doctor: Command = {
  help: `Options:
  --config FILE   the config file
  --json          for programs: a list of { check, state, text }
  --peer SERVER   a server of somebody else: is it reached from here, and does its clock go as ours

With federation on, each domain is looked up and asked as other servers do it. That is done from this machine: what
stands between it and the world may still be in the way.

Exit status: 0 if nothing is broken (warnings are allowed), 1 otherwise.

Examples:
  parallax doctor --json
  parallax doctor --peer matrix.org`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string', json: 'boolean', peer: 'string' })
    const findings = await examine(environment, options.config, options.peer)
    if (options.json) console.log(JSON.stringify(findings, null, 2))
    else for (const { check, state, text } of findings) console.log(`${state.padEnd(8)}${check}: ${text}`)
    return findings.some(({ state }) => state === 'fault') ? exitStatus.failed : exitStatus.ok
  },
}

async function examine(
  environment: NodeJS.ProcessEnv,
  file: string | undefined,
  peer: string | undefined,
): Promise<Finding[]> {
  try {
    const { config } = await loadConfig(environment, file)
    return [
      { check: 'configuration', state: 'ok', text: 'can be used' },
      nameFinding(config),
      ...folderFindings(config.dataDir),
      clockFinding(config.dataDir),
      { check: 'database', ...(await probeStore(placeOf(config))) },
      ...exposureFindings(config),
      await serverFinding(config),
      ...(await examineFederation(config, findServerName(config.dataDir) ?? config.serverName, peer)),
    ]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults.map((text) => ({ check: 'configuration', state: 'fault', text }))
  }
}

function nameFinding(config: Config): Finding {
  const kept = findServerName(config.dataDir)
  if (kept !== undefined && config.serverName !== undefined && kept !== config.serverName) {
    const text = `the data folder belongs to ${kept}, the configuration says ${config.serverName}: a name cannot change`
    return { check: 'server name', state: 'fault', text }
  }
  const name = kept ?? config.serverName
  if (name !== undefined) return { check: 'server name', state: 'ok', text: name }
  const text = `none is set: the first start would call it localhost:${config.listen.port}, for ever; set SERVER_NAME`
  return { check: 'server name', state: 'warning', text }
}

function folderFindings(folder: string): Finding[] {
  const check = 'data folder'
  if (!existsSync(folder)) return [{ check, state: 'warning', text: `${folder} is made at the first start` }]
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return [{ check, state: 'fault', text: `${folder} cannot be written by this user: change its owner` }]
  }
  const findings: Finding[] = []
  const isOpen = (statSync(folder).mode & 0o077) !== 0
  const advice = `${folder} can be read by other users of this machine: chmod 700 ${folder}`
  findings.push(isOpen ? { check, state: 'warning', text: advice } : { check, state: 'ok', text: folder })
  const { bavail, bsize } = statfsSync(folder)
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`
  const isFull = bavail * bsize < freeBytesMin
  findings.push({ check: 'disk', state: isFull ? 'warning' : 'ok', text: isFull ? `${free}: make room` : free })
  return findings
}

/** Nothing in the data folder was written later than now. */
function clockFinding(folder: string): Finding {
  const check = 'clock'
  const files = existsSync(folder) ? readdirSync(folder) : []
  const newestMs = Math.max(
    0,
    ...files.map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  )
  const isBehind = newestMs > Date.now() + clockOffMaxMs
  const text = isBehind
    ? `stands at ${new Date().toISOString()}, but the data folder was written to later: set it by NTP`
    : `stands at ${new Date().toISOString()}`
  return { check, state: isBehind ? 'fault' : 'ok', text }
}

function exposureFindings({ listen, registration, rateLimits }: Config): Finding[] {
  const isLoopback = listen.address === '::1' || listen.address === 'localhost' || listen.address.startsWith('127.')
  const findings: Finding[] = []
  if (registration.open) {
    const text = 'anyone may make an account: spammers find such servers within days'
    findings.push({ check: 'registration', state: 'warning', text })
  }
  if (!isLoopback && listen.tlsCertificate === undefined) {
    const text = `plain HTTP on ${listen.address}: put a reverse proxy with TLS before it`
    findings.push({ check: 'transport', state: 'warning', text })
  }
  if (!rateLimits.enabled) findings.push({ check: 'rate limits', state: 'warning', text: 'are switched off' })
  return findings
}

/** Asks the running server, if it runs. */
async function serverFinding({ listen }: Config): Promise<Finding> {
  const check = 'server'
  const host = listen.address === '0.0.0.0' || listen.address === '::' ? 'localhost' : listen.address
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}/_parallax/health`
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(3000) })
    const { faults } = (await reply.json()) as { faults?: Record<string, string> }
    if (reply.status === 200) return { check, state: 'ok', text: `answers at ${url}` }
    return { check, state: 'fault', text: `answers at ${url}, but: ${JSON.stringify(faults ?? {})}` }
  } catch {
    return { check, state: 'warning', text: `does not answer at ${url}: it is not running, or not Parallax` }
  }
}
