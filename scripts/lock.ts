/**
 * `npm run lock`: makes package-lock.json, then adds the optional packages of other platforms that npm leaves out where
 * it cannot look them up; without them `npm ci` refuses the lock. They are never installed on another platform.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tidy/tree.ts'

type LockEntry = {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
type Lock = { packages: Record<string, LockEntry> }

const systems = ['android', 'darwin', 'win32', 'linux', 'freebsd', 'openharmony', 'netbsd', 'openbsd', 'sunos', 'aix']
const processors = /arm64|x64|ia32|arm|ppc64|riscv64|s390x|loong64|mips64el|wasm32/

/** What a package for one platform says of itself, read from its name. */
function platformOf(name: string): LockEntry {
  const last = name.split('/').at(-1)!
  const os = systems.find((system) => last.includes(system))
  const cpu = processors.exec(last)?.[0]
  const libc = last.includes('musl') ? 'musl' : /linux.*gnu/.test(last) ? 'glibc' : undefined
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) }
}

/** Adds what is missing; answers the names. */
function addOtherPlatforms(lock: Lock): string[] {
  const added: string[] = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`${path === '' ? '' : `${path}/`}node_modules/${name}`, `node_modules/${name}`]
      if (places.some((place) => place in lock.packages)) continue
      const dev = entry.dev ? { dev: true } : {}
      const version = range.replace(/^[\^~]/, '')
      lock.packages[`node_modules/${name}`] = { version, ...dev, optional: true, ...platformOf(name) }
      added.push(name)
    }
  }
  return added
}

execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' })
const file = join(root, 'package-lock.json')
const lock: Lock = JSON.parse(readFileSync(file, 'utf8'))
const added = addOtherPlatforms(lock)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} packages of other platforms added`)
