/**
 * `npm run dev`: two servers that know each other's address and three users, for trying things out. Ends with Ctrl-C.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './tidy/tree.ts'

const ports = [8801, 8802]
const users = [
  { name: 'alice', port: 8801, isAdmin: true },
  { name: 'bob', port: 8801, isAdmin: false },
  { name: 'carol', port: 8802, isAdmin: true },
]
const startTimeoutMs = 30_000

const home = mkdtempSync(join(tmpdir(), 'parallax-dev-'))
const secret = randomBytes(16).toString('hex')

// A server named host:port is found at that host and port: so each knows the other's address by its name.
function startServer(port: number): ChildProcess {
  return spawn(process.execPath, ['bin/parallax', 'start'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      SERVER_NAME: `localhost:${port}`,
      HOMESERVER_DATA_DIR: join(home, String(port)),
      HOMESERVER_HTTP_PORT: String(port),
      HOMESERVER_REGISTRATION_SECRET: secret,
      HOMESERVER_OPEN_REGISTRATION: '1',
      HOMESERVER_RATE_LIMITS: 'off',
      HOMESERVER_FEDERATION: '1',
      HOMESERVER_ALLOW_PRIVATE_NETWORKS: '1',
      HOMESERVER_LOG_LEVEL: process.env.HOMESERVER_LOG_LEVEL ?? 'warn',
    },
  })
}

async function waitUntilReady(port: number, server: ChildProcess): Promise<void> {
  const end = Date.now() + startTimeoutMs
  while (Date.now() < end && server.exitCode === null) {
    const reply = await fetch(`http://localhost:${port}/_matrix/client/versions`).catch(() => undefined)
    if (reply?.status === 200) return
    await sleep(50)
  }
  throw new Error(`The server on port ${port} did not start.`)
}

async function registerUser({ name, port, isAdmin }: (typeof users)[number]): Promise<string> {
  const url = `http://localhost:${port}/_synapse/admin/v1/register`
  const { nonce } = (await (await fetch(url)).json()) as { nonce: string }
  const password = randomBytes(6).toString('hex')
  const fields = [nonce, name, password, isAdmin ? 'admin' : 'notadmin']
  const mac = createHmac('sha1', secret).update(fields.join('\0')).digest('hex')
  const body = JSON.stringify({ nonce, username: name, password, admin: isAdmin, mac })
  const reply = await fetch(url, { method: 'POST', body })
  if (reply.status !== 200) throw new Error(`${name} could not be registered: ${await reply.text()}`)
  return `  @${name}:localhost:${port}  ${password}${isAdmin ? '  (admin)' : ''}`
}

const servers = ports.map(startServer)
const allEnded = Promise.all(servers.map((server) => once(server, 'exit')))
const stop = (): void => {
  for (const server of servers) server.kill('SIGTERM')
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
try {
  await Promise.all(servers.map((server, index) => waitUntilReady(ports[index] as number, server)))
  const lines = await Promise.all(users.map(registerUser))
  console.log(`\nServers: ${ports.map((port) => `http://localhost:${port}`).join('  ')}`)
  console.log(`Users and passwords:\n${lines.join('\n')}\n\nCtrl-C ends both and removes their data.`)
} catch (error) {
  console.error(error)
  process.exitCode = 1
  stop()
}
await allEnded
rmSync(home, { recursive: true, force: true })
