/** The command line as a user meets it: a process, its output and its exit status. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findFreePort, startServer } from '../../kit/server-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

const launcher = fileURLToPath(new URL('../../../../bin/parallax', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'parallax-cli-'))
after(() => rmSync(home, { recursive: true }))

type Ended = { readonly status: number | null; readonly out: string; readonly err: string }

async function run(words: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Ended> {
  const env = { ...process.env, HOMESERVER_DATA_DIR: join(home, 'data'), ...environment }
  const child = spawn(process.execPath, [launcher, ...words], { env, stdio: 'pipe' })
  child.stdin.end(input)
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await status, out, err }
}

test('help names the commands, and each command has its own with an example', async () => {
  const { status, out } = await run(['--help'])
  assert.equal(status, 0)
  const names = [...out.matchAll(/^ {2}(\S+(?: \S+)?) {2,}\S/gm)].map((match) => match[1]!)
  assert.ok(names.length >= 9, out)
  for (const name of names) {
    const own = await run([...name.split(' '), '--help'])
    assert.equal(own.status, 0)
    assert.match(own.out, /Examples?:\n {2}.*parallax/, name)
  }
})

test('an unknown command or option is refused with a suggestion and status 2', async () => {
  const command = await run(['docter'])
  assert.equal(command.status, 2)
  assert.match(command.err, /Did you mean "doctor"\?/)
  assert.equal((await run(['doctor', '--jsno'])).status, 2)
  assert.match((await run(['account'])).err, /account create/)
})

test('a wrong configuration ends everything with status 3', async () => {
  const file = join(home, 'bad.yaml')
  writeFileSync(file, 'listn: {}\n')
  for (const words of [['config', 'check'], ['start'], ['config', 'show']]) {
    const { status, err } = await run([...words, '--config', file])
    assert.equal(status, 3, words.join(' '))
    assert.match(err, /listn in .* is not a setting: did you mean/)
  }
  assert.equal((await run(['config', 'check'])).status, 0)
})

test('doctor finds what is broken', async () => {
  const { status, out } = await run(['doctor', '--json'], { SERVER_NAME: 'example.org' })
  assert.equal(status, 0)
  const checks = (JSON.parse(out) as { check: string; state: string }[]).map(({ check }) => check)
  assert.ok(checks.includes('server name') && checks.includes('data folder'))
  const broken = await run(['doctor'], { SERVER_NAME: 'not a name' })
  assert.equal(broken.status, 1)
  assert.match(broken.out, /^fault/m)
})

test('accounts are made with and without a running server', async (t) => {
  const server = await startServer({ HOMESERVER_OPEN_REGISTRATION: '0' })
  t.after(() => server.close())
  const here = {
    HOMESERVER_DATA_DIR: server.dataDir,
    SERVER_NAME: server.serverName,
    HOMESERVER_HTTP_PORT: new URL(server.baseUrl).port,
  }
  const link = await waitFor('the setup link in the log', () => {
    return /http\S+\/_parallax\/setup\?token=\S+/.exec(server.readLog())?.[0]
  })
  const next = (await run(['setup-link'], here)).out.trim()
  assert.notEqual(next, link)

  const use = (url: string) =>
    fetch(`${server.baseUrl}/_parallax/setup`, {
      method: 'POST',
      body: new URLSearchParams({
        token: new URL(url).searchParams.get('token')!,
        name: 'alice',
        password: 'a password',
      }),
    })
  assert.equal((await use(link)).status, 400)
  assert.equal((await use(next)).status, 200)
  assert.equal((await use(next)).status, 400)
  assert.equal((await run(['setup-link'], here)).status, 1)

  const create = (name: string, input: string) => run(['account', 'create', name, '--password-stdin'], here, input)
  assert.equal((await create('bob', 'first\n')).status, 0)
  assert.match((await create('bob', 'again')).err, /bob|taken|use/i)
  assert.equal((await run(['account', 'promote', 'nobody'], here)).status, 1)

  const second = await run(['start'], { ...here, HOMESERVER_HTTP_PORT: String(await findFreePort()) })
  assert.equal(second.status, 4)
  assert.match(second.err, /in use by another process/)

  await server.stop()
  assert.equal((await create('carl', 'third')).status, 0)
  assert.equal((await run(['account', 'reset-password', 'bob', '--password-stdin'], here, 'changed')).status, 0)
  await server.start()
  assert.deepEqual(
    await Promise.all([logIn('bob', 'first'), logIn('bob', 'changed'), logIn('carl', 'third')]),
    [403, 200, 200],
  )

  async function logIn(user: string, password: string): Promise<number> {
    const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password }
    const url = `${server.baseUrl}/_matrix/client/v3/login`
    return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status
  }
})
