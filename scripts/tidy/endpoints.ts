/** Checks that every endpoint file is listed in an index of the api, and that it names the specification. */

import { declarationsIn } from '../endpoints/read-declarations.ts'
import { type Finding, resolveImport, type Tree } from './tree.ts'

const apiRoot = 'server/src/api/'

/** Findings for endpoints that server/src/api/index.ts does not reach, and for declarations without a spec anchor. */
export function checkEndpoints(tree: Tree): Finding[] {
  const reached = reachedFrom(tree, `${apiRoot}index.ts`)
  const findings: Finding[] = []
  for (const file of tree.values()) {
    if (!file.path.startsWith(apiRoot)) continue
    const declarations = declarationsIn(file)
    if (declarations.length === 0) continue
    const found = (line: number, message: string) =>
      findings.push({ check: 'endpoints', path: file.path, line, message })
    if (!reached.has(file.path)) found(1, 'no index of the api lists this endpoint')
    for (const { line, spec, path } of declarations) {
      if (path === undefined) found(line, 'the declaration has no literal path')
      if (spec === undefined) found(line, 'the declaration names no spec anchor')
    }
  }
  return findings
}

function reachedFrom(tree: Tree, start: string): Set<string> {
  const reached = new Set([start])
  for (const path of reached) {
    for (const { specifier } of tree.get(path)?.scan.imports ?? []) {
      const target = resolveImport(path, specifier)
      if (target?.startsWith(apiRoot)) reached.add(target)
    }
  }
  return reached
}
