/**
 * A real server as a process of its own, started as every harness starts it: by environment variables, ready when
 * `/versions` answers, ended by a signal. PARALLAX_COMMAND replaces the start command.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './wait-for.ts'

export type ServerProcess = {
  readonly baseUrl: string
  readonly serverName: string
  readonly dataDir: string
  /** Of the running process. */
  readonly pid: number
  readonly registrationSecret: string
  /** Starts it again on the same data, name and port; resolves when it answers. */
  start(): Promise<void>
  /** SIGTERM, after 10 s SIGKILL; resolves when it has ended. */
  stop(): Promise<void>
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
  /** What it wrote to standard output and error so far, over all starts. */
  readLog(): string
}

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const startTimeoutMs = 30_000
const stopTimeoutMs = 10_000

/** Starts a server on a free port and an empty data folder; `environment` is laid over the defaults. */
export async function startServer(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const port = await findFreePort()
  const home = mkdtempSync(join(tmpdir(), 'parallax-test-'))
  const dataDir = join(home, 'data')
  const logFile = join(home, 'server.log')
  const registrationSecret = 'test-registration-secret'
  const serverName = environment.SERVER_NAME ?? `localhost:${port}`
  const baseUrl = `http://127.0.0.1:${port}`
  const variables = {
    SERVER_NAME: serverName,
    HOMESERVER_DATA_DIR: dataDir,
    HOMESERVER_BIND_ADDRESS: '127.0.0.1',
    HOMESERVER_HTTP_PORT: String(port),
    HOMESERVER_REGISTRATION_SECRET: registrationSecret,
    HOMESERVER_OPEN_REGISTRATION: '1',
    HOMESERVER_RATE_LIMITS: 'off',
    HOMESERVER_PUBLIC_BASEURL: baseUrl,
    HOMESERVER_LOG_LEVEL: 'warn',
    ...environment,
  }
  let child: ChildProcess | undefined
  const killNow = (): void => signalGroup(child, 'SIGKILL')
  const server: ServerProcess = {
    baseUrl,
    serverName,
    dataDir,
    registrationSecret,
    get pid() {
      return child!.pid!
    },
    readLog: () => readFileSync(logFile, 'utf8'),
    async start() {
      child = spawnServer(variables, logFile)
      await waitUntilReady(child, baseUrl, () => server.readLog())
    },
    async stop() {
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), stopTimeoutMs)
      await end(child, 'SIGTERM')
      clearTimeout(timer)
    },
    kill: () => end(child, 'SIGKILL'),
    async close() {
      await server.stop()
      process.off('exit', killNow)
      rmSync(home, { recursive: true, force: true })
    },
  }
  process.once('exit', killNow)
  await server.start()
  return server
}

/** Below the ports that the system gives to outgoing connections: none of those can take it meanwhile. */
const PORTS_FROM = 10_240
const PORTS = 20_000

/** A port that nobody listens on at the moment. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = PORTS_FROM + Math.floor(Math.random() * PORTS)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

/** The server leads a process group, so that a signal reaches whatever it started. */
function spawnServer(variables: Record<string, string>, logFile: string): ChildProcess {
  const command = process.env.PARALLAX_COMMAND ?? `"${process.execPath}" bin/parallax start`
  const log = openSync(logFile, 'a')
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    cwd: repository,
    env: { ...process.env, ...variables },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  return child
}

async function waitUntilReady(child: ChildProcess, baseUrl: string, readLog: () => string): Promise<void> {
  const isReady = async (): Promise<true | undefined> => {
    if (hasEnded(child)) throw new Error(`the server ended while starting:\n${readLog()}`)
    const answer = await fetch(`${baseUrl}/_matrix/client/versions`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200 ? true : undefined
  }
  await waitFor('the server to answer', isReady, startTimeoutMs)
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || hasEnded(child)) return
  const ended = once(child, 'exit')
  signalGroup(child, signal)
  await ended
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid !== undefined && !hasEnded(child)) process.kill(-child.pid, signal)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
