/** The README's example runs and prints what it says. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = new URL('../', import.meta.url)

test('the example in the README prints what it says', () => {
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  const [, code, output] = /```ts\n(.*?)```.*?```text\n(.*?)```/s.exec(readme)!
  const args = ['--input-type=module-typescript', '--eval', code!]
  const printed = execFileSync(process.execPath, args, { cwd: fileURLToPath(folder), encoding: 'utf8' })
  assert.equal(printed, output)
})
