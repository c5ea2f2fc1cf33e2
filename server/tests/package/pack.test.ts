/** The packed package: installed into an empty folder it serves as the checkout does. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const installTimeoutMs = 170_000
const startTimeoutMs = 20_000
let home = ''

// npm in another folder must not inherit what npm run told about this one.
function outsideEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
}

function runToEnd(command: string, words: readonly string[], cwd: string): string {
  const ended = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    timeout: installTimeoutMs,
    env: outsideEnvironment(),
  })
  assert.equal(ended.status, 0, `${command} ${words.join(' ')}: ${ended.stderr}${ended.stdout}`)
  return ended.stdout
}

before(() => {
  home = mkdtempSync(join(tmpdir(), 'parallax-package-'))
  runToEnd('npm', ['pack', '--ignore-scripts=false', '--pack-destination', home], repository)
  const [tarball] = readdirSync(home)
  runToEnd('npm', ['init', '-y'], home)
  runToEnd('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], home)
})

after(() => rmSync(home, { recursive: true, force: true }))

test('holds the bundle and no sources', () => {
  const folder = join(home, 'node_modules/parallax-homeserver')
  assert.ok(existsSync(join(folder, 'dist/main.mjs')))
  assert.ok(!existsSync(join(folder, 'server')))
  assert.ok(!existsSync(join(home, 'node_modules/@parallax')))
})

test('serves, answers a registration and stops on a signal', async () => {
  const port = await findFreePort()
  const server = spawn('npx', ['parallax', 'start'], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...outsideEnvironment(),
      SERVER_NAME: `localhost:${port}`,
      HOMESERVER_DATA_DIR: join(home, 'data'),
      HOMESERVER_HTTP_PORT: String(port),
      HOMESERVER_OPEN_REGISTRATION: '1',
    },
  })
  let told = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (told += chunk))
  const ended = once(server, 'exit')
  try {
    await waitFor('the packed server', () => answers(port), startTimeoutMs)
    const reply = await fetch(`http://127.0.0.1:${port}/_matrix/client/v3/register`, {
      method: 'POST',
      body: JSON.stringify({ username: 'ada', password: 'a long password', auth: { type: 'm.login.dummy' } }),
    })
    assert.equal(reply.status, 200, await reply.text())
    const page = await fetch(`http://127.0.0.1:${port}/_parallax/lens/page.js`)
    assert.equal(page.status, 200, await page.text())
    assert.ok(existsSync(join(home, 'data/parallax.db')))
  } catch (error) {
    throw new Error(told, { cause: error })
  } finally {
    process.kill(-(server.pid as number), 'SIGTERM')
    await ended
  }
})

async function answers(port: number): Promise<true | undefined> {
  const reply = await fetch(`http://127.0.0.1:${port}/_matrix/client/versions`).catch(() => undefined)
  await reply?.arrayBuffer()
  return reply?.status === 200 ? true : undefined
}
