/** The lens of the server from the command line, as an admin meets it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../../../bin/parallax', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'parallax-cli-lens-'))
after(() => rmSync(home, { recursive: true }))

async function run(words: readonly string[]) {
  const env = { ...process.env, SERVER_NAME: 'example.org', HOMESERVER_DATA_DIR: home }
  const child = spawn(process.execPath, [launcher, 'reputation', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await status, out, err }
}

test('the lens of the server is written, read and logged without a running server', async () => {
  const blocked = await run(['block', 'server', 'evil.example', '--reason', 'spam'])
  assert.equal(blocked.status, 0, blocked.err)
  assert.match(blocked.out, /^server evil\.example: refused here\./)
  const rules = [{ kind: 'server', entity: 'evil.example', value: 'block' }]
  assert.deepEqual(JSON.parse((await run(['show'])).out), { lens: { subscriptions: [], rules } })
  const { log } = JSON.parse((await run(['log'])).out) as { log: object[] }
  assert.deepEqual({ ...log[0], at_ts: 0 }, { entry: 1, at_ts: 0, rules_added: rules, reason: 'spam' })
  const [wrong, missing] = await Promise.all([run(['clear', 'planet', 'mars']), run(['allow', 'server'])])
  assert.deepEqual([wrong.status, missing.status], [1, 2])
  assert.match(wrong.err, /no kind of entity/)
})
