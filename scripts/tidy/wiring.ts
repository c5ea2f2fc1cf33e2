/** Checks that only compose.ts constructs components. */

import { toolFolders } from './exceptions.ts'
import { lineAt } from './scan.ts'
import { type Finding, folderOf, isTest, resolveImport, type SourceFile, type Tree } from './tree.ts'

const importedNames = /\bimport\s*\{([^}]*)\}\s*from\s*$/

/** Findings where a file calls the `createX` of another folder. */
export function checkWiring(tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const file of tree.values()) {
    const folder = folderOf(file.path)
    if (folder === undefined || folder === 'compose' || isTest(file.path)) continue
    for (const { name, from } of constructorsFrom(tree, file)) {
      const call = new RegExp(`\\b${name}\\(`).exec(file.scan.code)
      if (call === null) continue
      const message = `constructs a component of ${from} (${name}); only compose.ts does`
      findings.push({ check: 'wiring', path: file.path, line: lineAt(file.source, call.index), message })
    }
  }
  return findings
}

// Names `createX` that a file imports, as values, from another folder of the server.
function constructorsFrom(tree: Tree, file: SourceFile): { name: string; from: string }[] {
  const { code } = file.scan
  const found: { name: string; from: string }[] = []
  for (const match of code.matchAll(/\bfrom\s*'/g)) {
    const start = match.index + match[0].length
    const target = resolveImport(file.path, file.source.slice(start, file.source.indexOf("'", start)))
    const from = target === undefined || !tree.has(target) ? undefined : folderOf(target)
    if (from === undefined || from === folderOf(file.path) || toolFolders.includes(from)) continue
    const names = importedNames.exec(code.slice(Math.max(0, start - 2000), start - 1))?.[1] ?? ''
    for (const name of names.split(','))
      if (/^\s*create[A-Z]\w*\s*$/.test(name)) found.push({ name: name.trim(), from })
  }
  return found
}
