/**
 * Block lists of other networks, read as opinions: the CSV of Mastodon, hosts files, and response policy zones. A line
 * that cannot be read is told and left out; the time is linear in the length of the text, whatever is in it.
 */

import { findContext } from '../context.ts'
import { type EntityKind, parseEntity, splitEntity } from '../entity.ts'
import { ReputationError, type ReputationErrorKind } from '../errors.ts'
import { exchangeLimits } from '../limits.ts'
import { checkGlob, isGlob } from '../match/glob.ts'
import { parseCsv } from './csv.ts'

export const blockListFormats = ['mastodon-csv', 'hosts', 'rpz'] as const
export type BlockListFormat = (typeof blockListFormats)[number]

/** An opinion as a feed writes it, without its date. */
export type ListedOpinion = {
  readonly kind: EntityKind
  readonly opinion: number
  readonly confidence: number
  readonly context: string
} & ({ readonly entity: string } | { readonly pattern: string })

export type BlockList = {
  /** Each name once: the last line on it counts. */
  readonly opinions: readonly ListedOpinion[]
  /** Lines (from 1) that were left out, the first ones; `refusedCount`: how many there were. */
  readonly refused: readonly { readonly line: number; readonly kind: ReputationErrorKind; readonly message: string }[]
  readonly refusedCount: number
}

/** What a line says; undefined: nothing. */
type Listed = { readonly name: string; readonly value: number }
type Row = { readonly line: number; readonly read: () => readonly Listed[] }

/** How sure a list is taken to be, in percent, and a pattern in it. */
const SURE = 60
const SURE_OF_PATTERN = 48

/**
 * Reads a list; `context` is that of all that it says. Throws `too-large`, `too-many`, `bad-context`, and `bad-feed`
 * for a text that is no list of that format at all.
 */
export function parseBlockList(format: BlockListFormat, text: string, context: string): BlockList {
  if (text.length > exchangeLimits.charactersMax) throw new ReputationError('too-large', 'The list is too long.')
  if (!findContext(context).isPlainAllowed) throw new ReputationError('bad-context', 'Such lists are only sealed.')
  const rows = readers[format](text.replace(/^\uFEFF/, ''))
  const found = new Map<string, ListedOpinion>()
  const refused: BlockList['refused'][number][] = []
  let refusedCount = 0
  for (const { line, read } of rows) {
    try {
      for (const listed of read()) {
        const key = `${isGlob(listed.name)} ${listed.name.toLowerCase()}`
        found.delete(key)
        if (listed.value !== 0) found.set(key, toOpinion(kinds[format], listed, context))
      }
    } catch (error) {
      if (!(error instanceof ReputationError)) throw error
      refusedCount++
      if (refused.length < exchangeLimits.refusedMax) refused.push({ line, kind: error.kind, message: error.message })
    }
    if (found.size > exchangeLimits.opinionsMax) throw new ReputationError('too-many', 'The list has too many names.')
  }
  if (found.size === 0 && refusedCount > 0) throw new ReputationError('bad-feed', 'No line of it can be read.')
  return { opinions: [...found.values()], refused, refusedCount }
}

const kinds: Readonly<Record<BlockListFormat, EntityKind>> = {
  'mastodon-csv': 'server',
  hosts: 'domain',
  rpz: 'domain',
}

function toOpinion(kind: EntityKind, { name, value }: Listed, context: string): ListedOpinion {
  const said = { kind, opinion: value * 100, context }
  if (!isGlob(name))
    return { ...said, confidence: SURE, entity: splitEntity(parseEntity(kind, requireDomain(name))).id }
  checkGlob(name)
  return { ...said, confidence: SURE_OF_PATTERN, pattern: name.toLowerCase() }
}

/** More than one label, and nothing that a name in the DNS cannot have. */
function requireDomain(name: string): string {
  const bare = name.replace(/\.$/, '')
  const isName =
    bare.length <= 253 && bare.split('.').every((label) => /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,62})$/u.test(label))
  if (isName && bare.includes('.') && !/^[\d.]+$/.test(bare)) return bare
  throw new ReputationError('bad-entity', 'That is no domain.')
}

const readers: Readonly<Record<BlockListFormat, (text: string) => readonly Row[]>> = {
  'mastodon-csv': readMastodon,
  hosts: readHosts,
  rpz: readZone,
}

const severities: Readonly<Record<string, number>> = { suspend: -1, silence: -0.5, noop: 0, none: 0 }

/** The columns may come in any order, with or without "#"; without severities, all are suspended. */
function readMastodon(text: string): readonly Row[] {
  const [header, ...rows] = parseCsv(text)
  const columns = header?.cells.map((cell) => cell.trim().replace(/^#/, '').toLowerCase()) ?? []
  const domainAt = columns.indexOf('domain')
  const severityAt = columns.indexOf('severity')
  if (domainAt < 0) throw new ReputationError('bad-feed', 'The first line has no column "domain".')
  return rows.map(({ line, cells }) => ({
    line,
    read() {
      const name = (cells[domainAt] ?? '').trim()
      if (name === '' && cells.length <= 1) return []
      const word = severityAt < 0 ? 'suspend' : (cells[severityAt] ?? '').trim().toLowerCase()
      const value = Object.hasOwn(severities, word) ? severities[word] : undefined
      if (value === undefined) throw new ReputationError('bad-statement', 'The severity is none that is known.')
      // Obfuscated names have asterisks: they name nobody.
      if (isGlob(name)) throw new ReputationError('bad-entity', 'The name is made unreadable.')
      return [{ name, value }]
    },
  }))
}

const ownNames = new Set(['localhost', 'localhost.localdomain', 'local', 'broadcasthost', 'ip6-localhost', '0.0.0.0'])

/** An address and names, or a name alone; what is after "#" is for people. */
function readHosts(text: string): readonly Row[] {
  return linesOf(text).map(({ line, words }) => ({
    line,
    read() {
      const isAddress =
        words.length > 1 && words[0]!.length <= 45 && /^[\d.]+$|^[0-9a-f:]*:[0-9a-f:]*$/i.test(words[0]!)
      if (!isAddress && words.length > 1) throw new ReputationError('bad-feed', 'That is no line of a hosts file.')
      const names = isAddress ? words.slice(1) : words
      return names.flatMap((name) => {
        if (ownNames.has(name.toLowerCase()) || name.startsWith('ip6-')) return []
        return [{ name: requireDomain(name), value: -1 }]
      })
    },
  }))
}

/** No regular expression: in a hostile line it would look for the end again and again. */
function before(line: string, mark: string): string {
  const end = line.indexOf(mark)
  return end < 0 ? line : line.slice(0, end)
}

function linesOf(text: string): { line: number; words: string[] }[] {
  return text.split('\n').flatMap((whole, at) => {
    const words = before(whole, '#')
      .split(/\s+/)
      .filter((word) => word !== '')
    return words.length === 0 ? [] : [{ line: at + 1, words }]
  })
}

/** What a zone makes of a name, by the target of its CNAME. */
const zoneActions: Readonly<Record<string, number>> = { '.': -1, '*.': -1, 'rpz-drop.': -1, 'rpz-passthru.': 1 }

/** Names that are answered otherwise; triggers by address and by name server are none, and are refused. */
function readZone(text: string): readonly Row[] {
  let origin = ''
  let isInside = false
  const rows: Row[] = []
  for (const [at, whole] of text.split('\n').entries()) {
    const bare = before(whole, ';').trimEnd()
    const wasInside = isInside
    isInside = bare.includes('(') ? !bare.includes(')') : isInside && !bare.includes(')')
    const words = bare.split(/\s+/).filter((word) => word !== '')
    if (words[0] === '$ORIGIN') origin = (words[1] ?? '').toLowerCase()
    const isRecord = !wasInside && words.length > 0 && !bare.startsWith('$') && !/^\s/.test(bare)
    const isOfZone = words.slice(1).some((word) => /^(SOA|NS)$/i.test(word))
    if (!isRecord || isOfZone) continue
    const zone = origin
    rows.push({ line: at + 1, read: () => [readRecord(words, zone)] })
  }
  return rows
}

function readRecord(words: readonly string[], origin: string): Listed {
  const typeAt = words.findIndex((word, at) => at > 0 && /^CNAME$/i.test(word))
  const target = words[typeAt + 1]?.toLowerCase() ?? ''
  const value = typeAt > 0 && Object.hasOwn(zoneActions, target) ? zoneActions[target] : undefined
  if (value === undefined) throw new ReputationError('bad-statement', 'That says nothing of a name.')
  const owner = words[0]!.toLowerCase()
  const isInZone = origin !== '' && origin !== '.' && owner.endsWith(`.${origin}`)
  const name = (isInZone ? owner.slice(0, -origin.length - 1) : owner).replace(/\.$/, '')
  if (/(^|\.)rpz-(ip|client-ip|nsip|nsdname)$/.test(name)) {
    throw new ReputationError('bad-entity', 'Only names are read, no addresses and name servers.')
  }
  return { name, value }
}
