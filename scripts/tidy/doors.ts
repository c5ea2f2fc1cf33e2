/** Checks that what a folder's index.ts offers is used by somebody outside the folder. */

import { lineAt } from './scan.ts'
import { type Finding, folderOf, type Tree } from './tree.ts'

const exportList = /\bexport\s*\{([^}]*)\}/g

/** Findings for values that an index exports and no file outside its folder names. */
export function checkDoors(tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const { path, source, scan } of tree.values()) {
    const folder = folderOf(path)
    if (folder === undefined || path !== `server/src/${folder}/index.ts`) continue
    const outside = [...tree.values()].filter((file) => folderOf(file.path) !== folder)
    for (const match of scan.code.matchAll(exportList)) {
      for (const name of valueNames(match[1] as string)) {
        const word = new RegExp(`\\b${name}\\b`)
        if (outside.some((file) => word.test(file.scan.code))) continue
        const message = `exports ${name}, which nobody outside ${folder} uses`
        findings.push({ check: 'doors', path, line: lineAt(source, match.index), message })
      }
    }
  }
  return findings
}

// `a, type B, c as d` → a and d.
function valueNames(list: string): string[] {
  const parts = list.split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '' && !part.startsWith('type ')).map((part) => part.split(/\s+as\s+/).at(-1)!)
}
