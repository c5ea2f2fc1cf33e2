/** The source tree as the checks see it: every TypeScript file with its path from the repository's root. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Scan, scan } from './scan.ts'

export type SourceFile = { readonly path: string; readonly source: string; readonly scan: Scan }

/** Key: path with slashes from the root. */
export type Tree = ReadonlyMap<string, SourceFile>

export type Finding = { readonly check: string; readonly path: string; readonly line: number; readonly message: string }

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const roots = ['packages', 'server', 'scripts']
const skipped = new Set(['node_modules', 'dist', 'data', 'vectors'])

/** Every .ts file of the packages, the server and the scripts. */
export function readTree(folder = root): Tree {
  const files = new Map<string, SourceFile>()
  for (const top of roots) addFolder(files, folder, top)
  return files
}

/** A tree out of texts, for tests; key: path. */
export function treeOf(texts: Record<string, string>): Tree {
  return new Map(Object.entries(texts).map(([path, source]) => [path, { path, source, scan: scan(source) }]))
}

function addFolder(files: Map<string, SourceFile>, base: string, relative: string): void {
  for (const entry of readdirSync(join(base, relative), { withFileTypes: true })) {
    const path = posix.join(relative, entry.name)
    if (entry.isDirectory() && !skipped.has(entry.name)) addFolder(files, base, path)
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
    const source = readFileSync(join(base, path), 'utf8')
    files.set(path, { path, source, scan: scan(source) })
  }
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.includes('/tests/') || path.endsWith('/testing.ts')
}

/** The path that a relative import names, or undefined for a package's name. */
export function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined
}

const serverRoot = 'server/src/'

/**
 * `rooms` for server/src/rooms/state/tree.ts, `main` for server/src/main.ts, undefined outside the server's sources.
 */
export function folderOf(path: string): string | undefined {
  if (!path.startsWith(serverRoot)) return undefined
  const rest = path.slice(serverRoot.length)
  return rest.split('/')[0]?.replace(/\.ts$/, '')
}
