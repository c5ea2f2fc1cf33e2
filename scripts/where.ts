/** `npm run where -- /sync`: where an endpoint lives: its file, the component's function, tables, scenario tests. */

import { readAllDeclarations } from './endpoints/all-declarations.ts'
import type { FoundDeclaration } from './endpoints/read-declarations.ts'
import { namedTables, readOwners } from './tidy/tables.ts'
import { folderOf, readTree, resolveImport, type Tree } from './tidy/tree.ts'

const shownMax = 40

function findMatches(part: string): FoundDeclaration[] {
  const wanted = part.toLowerCase()
  const all = readAllDeclarations()
  const exact = all.filter(({ path }) => path?.toLowerCase().endsWith(wanted))
  return exact.length > 0 ? exact : all.filter(({ path }) => path?.toLowerCase().includes(wanted))
}

// The first call of a component in a handler: `({ flows }, …) => flows.send(…)`.
function callOf(found: FoundDeclaration): { component: string; operation: string } | undefined {
  const components = /^\s*(?:async\s*)?\(\s*\{([^}]*)\}/.exec(found.handler)?.[1]?.split(',') ?? []
  for (const match of found.handler.matchAll(/\b(\w+)\.(\w+)\(/g)) {
    const isComponent = components.some((name) => name.trim() === match[1])
    if (isComponent) return { component: match[1] as string, operation: match[2] as string }
  }
  return undefined
}

// Folder of a component, from the imports of http/components.ts: `readonly flows: Flows`, `Flows` from
// '../flows/index.ts'.
function findFolder(tree: Tree, component: string): string | undefined {
  const file = tree.get('server/src/http/components.ts')
  const type = new RegExp(`\\b${component}:\\s*(\\w+)`).exec(file?.source ?? '')?.[1]
  if (file === undefined || type === undefined) return undefined
  const line = new RegExp(`import[^;]*?\\b${type}\\b[^;]*?from '([^']+)'`)
  const statement = file.source.split(/(?=\bimport\b)/).find((text) => line.test(text))
  const target = resolveImport(file.path, line.exec(statement ?? '')?.[1] ?? '')
  return target === undefined ? undefined : folderOf(target)
}

function findFunction(tree: Tree, folder: string, operation: string): string | undefined {
  const files = [...tree.values()].filter(({ path }) => folderOf(path) === folder)
  const forms = [
    new RegExp(`\\bfunction\\s+${operation}\\b`),
    new RegExp(`\\b${operation}:\\s*\\(?[^\\n]*=>\\s*(\\w+)\\(`),
    new RegExp(`\\b(?:async\\s+)?${operation}\\(`),
  ]
  for (const form of forms) {
    for (const { path, scan } of files) {
      const match = form.exec(scan.code)
      if (match === null || path.endsWith('.test.ts')) continue
      const inner = match[1] !== undefined && match[1] !== operation ? findFunction(tree, folder, match[1]) : undefined
      return inner ?? `${path}:${scan.code.slice(0, match.index).split('\n').length}`
    }
  }
  return undefined
}

function tablesOf(tree: Tree, folder: string): string[] {
  const owners = readOwners(tree)
  const files = [...tree.values()].filter(({ path }) => folderOf(path) === folder)
  const named = files.flatMap(namedTables).map(({ table }) => table)
  return [...new Set(named)].filter((table) => owners.has(table)).sort()
}

// A folder without tables of its own (flows) works through other components: those that the function's file names.
function tablesBehind(tree: Tree, folder: string, where: string | undefined): string[] {
  const own = tablesOf(tree, folder)
  const file = tree.get(where?.split(':')[0] ?? '')
  if (own.length > 0 || file === undefined) return own.length > 0 ? [`${folder}: ${own.join(', ')}`] : []
  const names = [...file.scan.code.matchAll(/\b(?:deps\.)?(\w+)\.\w+\(/g)].map((match) => match[1] as string)
  const folders = new Set(names.map((name) => findFolder(tree, name)).filter((found) => found !== undefined))
  return [...folders].flatMap((found) => {
    const tables = tablesOf(tree, found)
    return tables.length > 0 ? [`${found}: ${tables.join(', ')}`] : []
  })
}

// Tests name a path with values in place of its parameters, and not always its prefix.
function scenariosOf(tree: Tree, found: FoundDeclaration): string[] {
  const tail = (found.path ?? '').replace(/^\/_matrix\/(client|federation)\/[^/]+(?=\/)/, '')
  const parts = tail.split(/\{[^}]*\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`${parts.join('[^/\'"`\\s]+')}(?![\\w/])`)
  const tests = [...tree.values()].filter(({ path }) => path.startsWith('server/tests/') && path.endsWith('.test.ts'))
  return tests.filter(({ source }) => pattern.test(source)).map(({ path }) => path)
}

function describeEndpoint(tree: Tree, found: FoundDeclaration): string {
  const call = callOf(found)
  const folder = call && findFolder(tree, call.component)
  const where = folder && call ? findFunction(tree, folder, call.operation) : undefined
  const tables = folder === undefined ? [] : tablesBehind(tree, folder, where)
  const lines = [
    `${found.method} ${found.path}`,
    `  endpoint   ${found.file}:${found.line}`,
    `  calls      ${call ? `${call.component}.${call.operation}` : 'no component'}${where ? `, ${where}` : ''}`,
    `  tables     ${tables.join('; ') || 'none'}`,
    `  scenarios  ${scenariosOf(tree, found).join(', ') || 'none'}`,
    `  spec       ${found.spec}`,
  ]
  return lines.join('\n')
}

const part = process.argv[2]
if (part === undefined) {
  console.log('Say a path or a part of one: npm run where -- /sync')
  process.exitCode = 2
} else {
  const matches = findMatches(part)
  const tree = readTree()
  for (const found of matches.slice(0, shownMax)) console.log(`${describeEndpoint(tree, found)}\n`)
  console.log(`${matches.length} endpoints match ${part}`)
  process.exitCode = matches.length === 0 ? 1 : 0
}
