/** Checks who imports whom: layers, only index.ts across folders, packages that need nothing. */

import { builtinModules } from 'node:module'
import type { Layer } from '../../server/src/layers.ts'
import { packageDoors } from './exceptions.ts'
import { type Finding, folderOf, isTest, resolveImport, type SourceFile, type Tree } from './tree.ts'

/** Findings where a folder imports from its own height or above, past an index, or where a file is in no layer. */
export function checkLayers(tree: Tree, layers: readonly Layer[]): Finding[] {
  const heights = heightsOf(layers)
  const findings: Finding[] = []
  for (const file of tree.values()) {
    const folder = folderOf(file.path)
    if (folder === undefined || folder === 'layers') continue
    if (!heights.has(folder))
      findings.push(found(file, 1, `the folder ${folder} is in no layer of server/src/layers.ts`))
    else findings.push(...checkFile(tree, file, folder, heights))
  }
  return findings
}

function heightsOf(layers: readonly Layer[]): Map<string, number> {
  const heights = new Map<string, number>()
  for (const [height, layer] of layers.entries()) {
    for (const folder of typeof layer === 'string' ? [layer] : layer.siblings) heights.set(folder, height)
  }
  return heights
}

function checkFile(tree: Tree, file: SourceFile, folder: string, heights: Map<string, number>): Finding[] {
  const findings: Finding[] = []
  const height = heights.get(folder) as number
  for (const { specifier, line } of file.scan.imports) {
    const target = resolveImport(file.path, specifier)
    if (target === undefined) continue
    if (!tree.has(target)) {
      if (!/\.(json|css|html)$/.test(target))
        findings.push(found(file, line, `imports ${specifier}, which is not there`))
      continue
    }
    const other = folderOf(target)
    if (other === folder) continue
    if (other === undefined) {
      if (!isTest(file.path)) findings.push(found(file, line, `imports ${target} by path; name the package`))
    } else if ((heights.get(other) ?? 0) >= height) {
      findings.push(found(file, line, `${folder} may not import from ${other}, which is not below it`))
    } else if (!isDoor(target, other) && !isTest(file.path)) {
      findings.push(found(file, line, `imports ${target}; only the index.ts of another folder may be imported`))
    }
  }
  return findings
}

function isDoor(target: string, folder: string): boolean {
  return target === `server/src/${folder}/index.ts` || target === `server/src/${folder}.ts`
}

/** Findings where a package imports anything but itself, outside the files that exceptions.ts names. */
export function checkPackages(tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const file of tree.values()) {
    const home = /^(packages\/[^/]+)\//.exec(file.path)?.[1]
    if (home === undefined || isTest(file.path)) continue
    for (const { specifier, line } of file.scan.imports) {
      const target = resolveImport(file.path, specifier)
      if (target?.startsWith(`${home}/`)) continue
      if (packageDoors[home]?.[file.path] === specifier) continue
      const what =
        specifier.startsWith('node:') || builtinModules.includes(specifier) ? `Node's ${specifier}` : specifier
      findings.push({
        check: 'packages',
        path: file.path,
        line,
        message: `a package is pure, but this imports ${what}`,
      })
    }
  }
  return findings
}

function found(file: SourceFile, line: number, message: string): Finding {
  return { check: 'layers', path: file.path, line, message }
}
