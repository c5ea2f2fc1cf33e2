/** coturn takes the credentials that this server gives for calls, and no others. Needs Debian's package `coturn`. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type InProcess, startInProcess } from '../kit/in-process.ts'
import { findFreePort } from '../kit/server-process.ts'

const secret = 'a secret that both know'
let server: InProcess
let turn: ChildProcess
let port: number
const home = mkdtempSync(join(tmpdir(), 'parallax-coturn-'))

before(async () => {
  port = await findFreePort()
  const options = ['-n', '-p', String(port), '-L', '127.0.0.1', '-E', '127.0.0.1', '--realm', 'test.example']
  const more = ['--use-auth-secret', `--static-auth-secret=${secret}`, '--no-tls', '--no-dtls', '--no-cli']
  const files = [`--pidfile=${join(home, 'pid')}`, `--userdb=${join(home, 'users')}`, '--log-file=stdout']
  turn = spawn('turnserver', [...options, ...more, ...files, '--allow-loopback-peers'], { stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    turn.on('spawn', resolve)
    turn.on('error', () => reject(new Error('turnserver is missing: install the package coturn')))
  })
  const yaml = `turn: { uris: ["turn:127.0.0.1:${port}?transport=udp"], sharedSecret: "${secret}" }\n`
  server = await startInProcess({}, yaml)
})
after(async () => {
  turn.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
  await server?.close()
})

/** True if a call of this name and password goes through the TURN server. */
function canRelay(username: string, password: string): boolean {
  const given = ['-u', username, '-w', password, '-p', String(port), '-y', '-n', '2', '-m', '1', '127.0.0.1']
  const { status, stdout, stderr } = spawnSync('turnutils_uclient', given, { timeout: 10_000, encoding: 'utf8' })
  return status === 0 && !/error|Unauthorized/i.test(stdout + stderr)
}

test('a call is relayed with our credentials, and not with wrong ones', async () => {
  const user = await server.register('caller')
  const { username, password, uris, ttl } = await user.ok('GET', 'voip/turnServer')
  assert.deepEqual([uris, ttl], [[`turn:127.0.0.1:${port}?transport=udp`], 86_400])
  let isRelayed = canRelay(String(username), String(password))
  // It may take a moment until the TURN server listens.
  for (let tries = 0; !isRelayed && tries < 5; tries++) {
    await sleep(500)
    isRelayed = canRelay(String(username), String(password))
  }
  assert.ok(isRelayed)
  assert.equal(canRelay(String(username), 'another password'), false)
  assert.equal(canRelay(`1:${user.userId}`, String(password)), false)
})
