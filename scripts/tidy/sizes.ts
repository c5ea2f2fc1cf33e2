/** Checks sizes: files, functions, lines. */

import { dataTables } from './exceptions.ts'
import { findFunctions } from './scan.ts'
import { type Finding, isTest, type Tree } from './tree.ts'

export const fileLinesMax = 400
export const fileLinesP95Max = 250
export const functionLinesMax = 70
export const lineLengthMax = 120

/** Findings for files, functions and lines over the limits; data tables are exempt. */
export function checkSizes(tree: Tree): Finding[] {
  const findings: Finding[] = []
  const sizes: number[] = []
  for (const file of tree.values()) {
    if (dataTables.includes(file.path)) continue
    const lines = file.source.trimEnd().split('\n')
    const found = (line: number, message: string) => findings.push({ check: 'sizes', path: file.path, line, message })
    if (lines.length > fileLinesMax) found(1, `${lines.length} lines; the limit is ${fileLinesMax}`)
    if (!isTest(file.path)) sizes.push(lines.length)
    for (const [index, line] of lines.entries()) {
      // The formatter keeps an import of one name on one line, however long its path.
      if (line.length > lineLengthMax && !line.startsWith('import '))
        found(index + 1, `${line.length} characters; the limit is ${lineLengthMax}`)
    }
    for (const span of findFunctions(file.scan.code)) {
      // The callback of a suite is a list of tests, and a component's factory a list of operations: not one function.
      const isList = isTest(file.path) || /^(create|compose)/.test(span.name)
      const length = isList ? span.ownLines : span.lines
      if (length > functionLinesMax)
        found(span.line, `${span.name} has ${length} lines; the limit is ${functionLinesMax}`)
    }
  }
  return findings.concat(checkSpread(sizes))
}

function checkSpread(sizes: number[]): Finding[] {
  const sorted = sizes.sort((a, b) => a - b)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
  if (p95 <= fileLinesP95Max) return []
  const message = `5 of 100 files have more than ${p95} lines; the limit is ${fileLinesP95Max}`
  return [{ check: 'sizes', path: '.', line: 1, message }]
}
