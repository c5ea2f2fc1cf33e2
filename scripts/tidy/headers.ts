/** Checks that every file begins with a comment that says what it is for. */

import type { Finding, Tree } from './tree.ts'

const header = /^(?:#![^\n]*\n)?\/\*\*[\s\S]*?\*\//
const headerLinesMax = 7

/** Findings for files whose first thing is not a doc comment. */
export function checkHeaders(tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const { path, source } of tree.values()) {
    const text = header.exec(source)?.[0]
    const found = (message: string) => findings.push({ check: 'headers', path, line: 1, message })
    if (text === undefined) found('no comment at the top says what this file is for')
    else if (text.split('\n').length > headerLinesMax) found(`a header has at most ${headerLinesMax} lines`)
  }
  return findings
}
