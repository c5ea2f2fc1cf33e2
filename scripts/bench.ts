/**
 * `npm run bench [-- part of a name]`: runs the benchmarks of server/tests/bench, one process each; each prints JSON
 * lines.
 */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tidy/tree.ts'

const folder = join(root, 'server/tests/bench')
const part = process.argv[2] ?? ''
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name.includes(part))
for (const file of files) {
  const { status } = spawnSync(process.execPath, [join(folder, file)], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
if (files.length === 0) process.exitCode = 2
