/** Reads endpoint declarations out of the sources, without running them. */

import { lineAt } from '../tidy/scan.ts'
import type { SourceFile } from '../tidy/tree.ts'

export type FoundDeclaration = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly method: string
  /** Undefined if it is no plain string. */
  readonly path: string | undefined
  readonly aliases: readonly string[]
  readonly auth: string
  readonly limit: string
  readonly spec: string | undefined
  /** Code of the handler, without strings and comments. */
  readonly handler: string
}

const start = /\bexport\s+const\s+(\w+)\s*(?::[^=]*)?=\s*endpoint\s*\(/g

/** The declarations of one file, in its order. */
export function declarationsIn(file: SourceFile): FoundDeclaration[] {
  return [...file.scan.code.matchAll(start)].map((match) => {
    const open = match.index + match[0].length
    const end = closingParenthesis(file.scan.code, open)
    const text = file.source.slice(open, end)
    const arrow = topLevelComma(file.scan.code.slice(open, end))
    return {
      name: match[1] as string,
      file: file.path,
      line: lineAt(file.source, match.index),
      method: field(text, 'method') ?? '',
      path: field(text, 'path'),
      aliases: [...(/\baliases:\s*\[([^\]]*)\]/.exec(text)?.[1] ?? '').matchAll(/'([^']*)'/g)].map(
        (alias) => alias[1] as string,
      ),
      auth: field(text, 'auth') ?? '',
      limit: field(text, 'limit') ?? '',
      spec: field(text, 'spec'),
      handler: file.scan.code.slice(open + arrow, end),
    }
  })
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}:\\s*'([^']+)'`).exec(text)?.[1]
}

function closingParenthesis(code: string, from: number): number {
  let depth = 1
  for (let at = from; at < code.length; at++) {
    if ('([{'.includes(code[at] as string)) depth++
    if (')]}'.includes(code[at] as string) && --depth === 0) return at
  }
  return code.length
}

// Where the first argument ends.
function topLevelComma(code: string): number {
  let depth = 0
  for (let at = 0; at < code.length; at++) {
    if ('([{'.includes(code[at] as string)) depth++
    if (')]}'.includes(code[at] as string)) depth--
    if (code[at] === ',' && depth === 0) return at + 1
  }
  return code.length
}
