/** Makes dist/, the program as one bundle, for the package: Node does not run TypeScript inside node_modules. */

import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './tidy/tree.ts'

type Bundler = { writeBundle(root: string, folder: string): void }

const { writeBundle } = createRequire(import.meta.url)('../bin/bundle.js') as Bundler
const folder = join(root, 'dist')
rmSync(folder, { recursive: true, force: true })
writeBundle(root, folder)
