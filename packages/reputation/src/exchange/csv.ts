/** Comma-separated values as in RFC 4180: quoted cells may have commas, quotes (doubled) and ends of lines in them. */

import { ReputationError } from '../errors.ts'
import { exchangeLimits } from '../limits.ts'

/** `line`: that on which the record begins, from 1. */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] }

const record = /[",\n]/g

/** Throws `bad-feed` for a quote that never ends, `too-large` for a cell that is no cell of a list. */
export function parseCsv(text: string): CsvRecord[] {
  const records: { line: number; cells: string[] }[] = []
  let line = 1
  let current: { line: number; cells: string[] } = { line, cells: [] }
  for (let at = 0; at <= text.length; ) {
    const cell = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at)
    if (cell.value.length > exchangeLimits.cellCharactersMax) {
      throw new ReputationError('too-large', `A cell of line ${line} is too long.`)
    }
    if (current.cells.length < exchangeLimits.columnsMax) current.cells.push(cell.value)
    line += text.slice(at, cell.end).split('\n').length - 1
    const isLast = text[cell.end] !== ','
    at = cell.end + 1
    if (!isLast) continue
    if (current.cells.length > 1 || current.cells[0] !== '') records.push(current)
    line++
    current = { line, cells: [] }
  }
  return records
}

type Cell = {
  readonly value: string /** Where the comma, the end of the line or of the text is. */
  readonly end: number
}

function readPlain(text: string, from: number): Cell {
  record.lastIndex = from
  let found = record.exec(text)
  while (found !== null && found[0] === '"') found = record.exec(text)
  const end = found?.index ?? text.length
  return { value: text.slice(from, end).replace(/\r$/, ''), end }
}

function readQuoted(text: string, from: number): Cell {
  let value = ''
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new ReputationError('bad-feed', 'A quote is opened and never closed.')
    value += text.slice(at, quote)
    if (text[quote + 1] === '"') {
      value += '"'
      at = quote + 2
      continue
    }
    const rest = readPlain(text, quote + 1)
    return { value: value + rest.value, end: rest.end }
  }
}
