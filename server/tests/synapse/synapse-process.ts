/** Synapse as a process of its own with federation over TLS of the test authority; it is called `localhost:<port>`. */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findSynapsePython } from '../../../scripts/compare-synapse/synapse-python.ts'
import { testAuthority } from '../kit/authority.ts'
import { findFreePort } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'
import type { SwitchablePort } from './switchable-port.ts'

export type SynapseProcess = {
  readonly baseUrl: string
  readonly serverName: string
  /** Starts it again on the same data, name and ports; resolves when it answers. */
  start(): Promise<void>
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** Kills it and removes its data. */
  close(): Promise<void>
}

const startTimeoutMs = 120_000
const free = { per_second: 1_000_000, burst_count: 1_000_000 }
const withoutLimits = {
  rc_message: free,
  rc_registration: free,
  rc_login: { address: free, account: free, failed_attempts: free },
  rc_joins: { local: free, remote: free },
  rc_joins_per_room: free,
  rc_invites: { per_room: free, per_user: free, per_issuer: free },
  rc_room_creation: free,
  federation: { destination_min_retry_interval: '1s', destination_max_retry_interval: '2s' },
}

/** Starts Synapse on an empty data folder; others find it at `port`, and it listens on `target`. */
export async function startSynapseProcess({ port, target }: SwitchablePort): Promise<SynapseProcess> {
  const python = findSynapsePython()
  const httpPort = await findFreePort()
  const home = mkdtempSync(join(tmpdir(), 'parallax-synapse-'))
  const logFile = join(home, 'synapse.log')
  const serverName = `localhost:${port}`
  const config = writeConfig(home, serverName, httpPort, target)
  const baseUrl = `http://127.0.0.1:${httpPort}`
  let child: ChildProcess | undefined
  const killNow = (): void => void child?.kill('SIGKILL')
  const synapse: SynapseProcess = {
    baseUrl,
    serverName,
    async start() {
      const log = openSync(logFile, 'a')
      const words = ['-m', 'synapse.app.homeserver', '--config-path', config]
      child = spawn(python, words, { cwd: home, stdio: ['ignore', log, log] })
      closeSync(log)
      await waitUntilReady(child, baseUrl, logFile)
    },
    async kill() {
      if (child === undefined || hasEnded(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async close() {
      await synapse.kill()
      process.off('exit', killNow)
      rmSync(home, { recursive: true, force: true })
    },
  }
  process.once('exit', killNow)
  await synapse.start()
  return synapse
}

/** Writes homeserver.yaml and what it names, and returns its path; JSON is valid YAML. */
function writeConfig(home: string, serverName: string, httpPort: number, tlsPort: number): string {
  const { authority, certificate, key } = testAuthority()
  const at = (name: string) => join(home, name)
  const listener = { type: 'http', bind_addresses: ['127.0.0.1'], resources: [{ names: ['client', 'federation'] }] }
  const config = {
    server_name: serverName,
    listeners: [
      { ...listener, port: httpPort, tls: false },
      { ...listener, port: tlsPort, tls: true },
    ],
    tls_certificate_path: certificate,
    tls_private_key_path: key,
    federation_custom_ca_list: [authority],
    ip_range_blacklist: [],
    trusted_key_servers: [],
    database: { name: 'sqlite3', args: { database: at('homeserver.db') } },
    log_config: at('log.yaml'),
    media_store_path: at('media'),
    signing_key_path: at('signing.key'),
    macaroon_secret_key: randomBytes(24).toString('hex'),
    form_secret: randomBytes(24).toString('hex'),
    report_stats: false,
    bcrypt_rounds: 4,
    enable_registration: true,
    enable_registration_without_verification: true,
    allow_public_rooms_over_federation: true,
    room_list_publication_rules: [{ action: 'allow' }],
    ...withoutLimits,
  }
  const handlers = { console: { class: 'logging.StreamHandler' } }
  writeFileSync(
    at('log.yaml'),
    JSON.stringify({
      version: 1,
      disable_existing_loggers: false,
      handlers,
      root: { level: 'WARNING', handlers: ['console'] },
    }),
  )
  writeFileSync(at('signing.key'), `ed25519 a_test ${randomBytes(32).toString('base64').replace(/=+$/, '')}\n`)
  writeFileSync(at('homeserver.yaml'), JSON.stringify(config))
  return at('homeserver.yaml')
}

async function waitUntilReady(child: ChildProcess, baseUrl: string, logFile: string): Promise<void> {
  const isReady = async (): Promise<true | undefined> => {
    if (hasEnded(child)) throw new Error(`Synapse ended while starting:\n${readFileSync(logFile, 'utf8')}`)
    const answer = await fetch(`${baseUrl}/_matrix/client/versions`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200 ? true : undefined
  }
  await waitFor('Synapse to answer', isReady, startTimeoutMs)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
