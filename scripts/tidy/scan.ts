/** A small scanner for TypeScript: blanks out comments, strings and regexes, and finds imports and functions. */

export type Import = { readonly specifier: string; readonly line: number; readonly isTypeOnly: boolean }

export type Literal = { readonly text: string; readonly line: number }

export type FunctionSpan = {
  readonly name: string
  /** 1 for the first line of the file. */
  readonly line: number
  readonly lines: number
  /** Lines that belong to no function inside this one. */
  readonly ownLines: number
}

export type Scan = {
  /** The source with everything but code as spaces; the same length, with the same line ends. */
  readonly code: string
  readonly imports: readonly Import[]
  /** Contents of strings and templates; what a template inserts is left out. */
  readonly literals: readonly Literal[]
}

type State = { readonly source: string; at: number; code: string; readonly literals: Literal[] }

const beforeRegex = /(?:^|[=(,:;[!&|?{}+\-*%<>~^]|\b(?:return|typeof|case|in|of|yield|await|void|else|do))$/

/** Splits a source into code and literals. */
export function scan(source: string): Scan {
  const state: State = { source, at: 0, code: '', literals: [] }
  scanCode(state, undefined)
  return { code: state.code, imports: findImports(source, state.code), literals: state.literals }
}

/** 1 for the first line. */
export function lineAt(source: string, offset: number): number {
  let line = 1
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) line++
  return line
}

// Reads code until the brace that ends a template's insertion (`closing`), or until the end.
function scanCode(state: State, closing: '}' | undefined): void {
  let depth = 0
  while (state.at < state.source.length) {
    const character = state.source[state.at] as string
    const two = state.source.slice(state.at, state.at + 2)
    if (two === '//') blank(state, endOf(state, '\n'))
    else if (two === '/*') blank(state, endOf(state, '*/') + 2)
    else if (character === "'" || character === '"') scanString(state, character)
    else if (character === '`') scanTemplate(state)
    else if (character === '/' && beforeRegex.test(lastCode(state))) scanRegex(state)
    else {
      if (character === '{') depth++
      if (character === '}' && depth-- === 0 && closing !== undefined) return
      state.code += character
      state.at++
    }
  }
}

function lastCode(state: State): string {
  return state.code.slice(-300).trimEnd().slice(-12)
}

function endOf(state: State, text: string): number {
  const end = state.source.indexOf(text, state.at + 1)
  return end === -1 ? state.source.length : end
}

function blank(state: State, end: number): void {
  const stop = Math.min(end, state.source.length)
  state.code += state.source.slice(state.at, stop).replace(/[^\n]/g, ' ')
  state.at = stop
}

// Quotes stay in the code, so that a string still looks like a value.
function scanString(state: State, quote: string): void {
  let end = state.at + 1
  while (end < state.source.length && state.source[end] !== quote && state.source[end] !== '\n') {
    end += state.source[end] === '\\' ? 2 : 1
  }
  keepLiteral(state, state.at + 1, end)
  state.code += quote
  state.at++
  blank(state, end)
  state.code += quote
  state.at++
}

function scanTemplate(state: State): void {
  const start = state.at
  let text = ''
  state.code += '`'
  state.at++
  while (state.at < state.source.length && state.source[state.at] !== '`') {
    if (state.source[state.at] === '\\') blank(state, state.at + 2)
    else if (state.source.startsWith('${', state.at)) {
      blank(state, state.at + 2)
      scanCode(state, '}')
      blank(state, state.at + 1)
      text += '?'
    } else {
      text += state.source[state.at]
      blank(state, state.at + 1)
    }
  }
  state.literals.push({ text, line: lineAt(state.source, start) })
  state.code += '`'
  state.at++
}

function scanRegex(state: State): void {
  let end = state.at + 1
  let isInClass = false
  while (end < state.source.length && state.source[end] !== '\n') {
    const character = state.source[end]
    if (character === '\\') end++
    else if (character === '[') isInClass = true
    else if (character === ']') isInClass = false
    else if (character === '/' && !isInClass) break
    end++
  }
  blank(state, end + 1)
  // A value stands here: a slash after it divides.
  state.code = `${state.code.slice(0, -1)}0`
}

function keepLiteral(state: State, start: number, end: number): void {
  state.literals.push({ text: state.source.slice(start, end), line: lineAt(state.source, start) })
}

const importPattern = /\b(?:import|export)\b(\s+type\b)?[^'"`;()=]*?\bfrom\s*['"]|\bimport\s*\(?\s*['"]/g

function findImports(source: string, code: string): Import[] {
  const found: Import[] = []
  for (const match of code.matchAll(importPattern)) {
    const start = match.index + match[0].length
    const end = source.indexOf(source[start - 1] as string, start)
    found.push({
      specifier: source.slice(start, end),
      line: lineAt(source, match.index),
      isTypeOnly: match[1] !== undefined,
    })
  }
  return found
}

const functionPattern =
  /\bfunction\b\s*\*?\s*(\w*)|^[ \t]+(?:(?:async|static|override|get|set)\s+)*(#?\w+)\s*(?=\()|=>\s*(?=\{)/gm
const notMethods = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'await', 'function', 'super', 'new'])

/** Functions with a body in braces: declarations, methods and arrows; `code` is a scan's code. */
export function findFunctions(code: string): FunctionSpan[] {
  const found: Bounds[] = []
  for (const match of code.matchAll(functionPattern)) {
    if (match[2] !== undefined && notMethods.has(match[2])) continue
    const after = match.index + match[0].length
    const isArrow = match[0].startsWith('=>')
    const open = isArrow ? after : findBody(code, code.indexOf('(', after))
    if (open === undefined) continue
    const end = findClosing(code, open)
    const first = lineAt(code, match.index + match[0].search(/\S/))
    const name = match[1] || match[2] || nameBefore(code, match.index)
    found.push({ name, line: first, last: lineAt(code, end) })
  }
  return found.map((span) => withLines(span, found))
}

type Bounds = { name: string; line: number; last: number }

function withLines({ name, line, last }: Bounds, all: readonly Bounds[]): FunctionSpan {
  const inner = new Set<number>()
  for (const other of all) {
    if (other.line < line || other.last > last || (other.line === line && other.last === last)) continue
    for (let at = other.line; at <= other.last; at++) inner.add(at)
  }
  const lines = last - line + 1
  return { name, line, lines, ownLines: lines - inner.size }
}

function nameBefore(code: string, at: number): string {
  const before = code.slice(Math.max(0, at - 300), at)
  return /(?:const|let)\s+(\w+)\s*(?::[^=]*)?=[^=;]*$/.exec(before)?.[1] ?? 'an arrow function'
}

// The brace that opens the body behind a parameter list, past a return type; undefined for a signature or a call.
function findBody(code: string, open: number): number | undefined {
  if (open === -1) return undefined
  let at = findClosing(code, open) + 1
  while (/\s/.test(code[at] ?? '')) at++
  if (code[at] === '{') return at
  if (code[at] !== ':') return undefined
  let previous = ':'
  for (; at < code.length; at++) {
    const character = code[at] as string
    if (character === '\n' && !/[:|&<,([{=>]/.test(previous)) return undefined
    if (/\s/.test(character)) continue
    if ('{([<'.includes(character)) {
      if (character === '{' && !/[:|&<,([=]/.test(previous) && !/\bis$/.test(code.slice(0, at).trimEnd())) return at
      at = findClosing(code, at)
    }
    previous = code[at] as string
  }
  return undefined
}

const pairs: Record<string, string> = { '{': '}', '(': ')', '[': ']', '<': '>' }

function findClosing(code: string, open: number): number {
  const opening = code[open] as string
  const closing = pairs[opening] as string
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === opening) depth++
    else if (code[at] === closing && !(closing === '>' && code[at - 1] === '=') && --depth === 0) return at
  }
  return code.length
}
