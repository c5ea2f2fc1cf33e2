/**
 * Which of very many rules fit a name. Literals lie in one open-addressed table over one buffer of bytes; patterns are
 * found by one of their rarest four characters in a row, so that a name only meets patterns that could fit it.
 */

import { checkGlob, globLimits, isGlob, literalRuns, matchesGlob } from './glob.ts'

export interface RuleIndex {
  /** The numbers of the rules that fit, ascending. Equal texts are equal rules: each has its own number. */
  match(name: string): readonly number[]
  readonly literals: number
  readonly globs: number
  /** Bytes in tables and buffers. */
  readonly bytes: number
}

/**
 * Builds an index over texts that may hold wildcards; a rule's number is its place in the list. `seed` (32 bits, random
 * per process) keeps a hostile feed from choosing names that collide. Throws `bad-pattern` for a pattern too broad.
 */
export function createRuleIndex(rules: readonly string[], seed: number): RuleIndex {
  const literals: number[] = []
  const globs: number[] = []
  for (const [number, rule] of rules.entries()) {
    if (isGlob(rule)) {
      checkGlob(rule)
      globs.push(number)
    } else {
      literals.push(number)
    }
  }
  const literalTable = createLiteralTable(rules, literals, seed)
  const globTable = createGlobTable(rules, globs)
  return {
    match(name) {
      const found = literalTable.find(name)
      if (globs.length === 0) return found
      const fitting = globTable.find(name)
      return fitting.length === 0 ? found : [...found, ...fitting].sort((left, right) => left - right)
    },
    literals: literals.length,
    globs: globs.length,
    bytes: literalTable.bytes + globTable.bytes,
  }
}

type Table = { find(name: string): readonly number[]; readonly bytes: number }

const none: readonly number[] = []

/** Murmur3's mixing over UTF-16 units, with a seed. */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0xcc9e2d51)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0x6b64e654) | 0
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A power of two that leaves the table at most half full. */
function slotsFor(count: number): number {
  return 2 ** Math.max(4, Math.ceil(Math.log2(count * 2 + 1)))
}

function createLiteralTable(rules: readonly string[], numbers: readonly number[], seed: number): Table {
  const encoder = new TextEncoder()
  const slots = new Uint32Array(slotsFor(numbers.length))
  const mask = slots.length - 1
  const ends = new Uint32Array(numbers.length)
  const places = Uint32Array.from(numbers)
  let bytes = new Uint8Array(numbers.length * 32 + 64)
  let used = 0
  for (const [entry, number] of numbers.entries()) {
    const text = rules[number]!
    if (used + text.length * 3 > bytes.length) bytes = grow(bytes, text.length * 3)
    used += encoder.encodeInto(text, bytes.subarray(used)).written
    ends[entry] = used
    let slot = hashOf(text, seed) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry + 1
  }
  bytes = bytes.slice(0, used)
  const scratch = new Uint8Array(4096)

  return {
    bytes: bytes.length + slots.byteLength + ends.byteLength + places.byteLength,
    find(name) {
      let slot = hashOf(name, seed) & mask
      if (slots[slot] === 0 || name.length * 3 > scratch.length) return none
      const length = encoder.encodeInto(name, scratch).written
      let found: number[] | undefined
      for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const entry = slots[slot]! - 1
        const start = entry === 0 ? 0 : ends[entry - 1]!
        if (ends[entry]! - start !== length || !equalBytes(bytes, start, scratch, length)) continue
        found ??= []
        found.push(places[entry]!)
      }
      return found?.sort((left, right) => left - right) ?? none
    },
  }
}

function grow(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2 + needed)
  larger.set(bytes)
  return larger
}

function equalBytes(bytes: Uint8Array, start: number, other: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[start + at] !== other[at]) return false
  return true
}

const GRAM = globLimits.literalRunMin

function gramAt(text: string, at: number): number {
  const first = text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 16)
  const second = text.charCodeAt(at + 2) ^ (text.charCodeAt(at + 3) << 16)
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

function gramsOf(pattern: string): number[] {
  return literalRuns(pattern).flatMap((run) =>
    Array.from({ length: Math.max(0, run.length - GRAM + 1) }, (_, at) => gramAt(run, at)),
  )
}

/** Each pattern is filed under the one of its grams that fewest patterns have. */
function createGlobTable(rules: readonly string[], numbers: readonly number[]): Table {
  const counts = new Map<number, number>()
  const grams = numbers.map((number) => gramsOf(rules[number]!))
  for (const list of grams) for (const gram of new Set(list)) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  const filed = new Map<number, number[]>()
  for (const [index, list] of grams.entries()) {
    const rarest = list.reduce((best, gram) => (counts.get(gram)! < counts.get(best)! ? gram : best))
    const under = filed.get(rarest)
    if (under === undefined) filed.set(rarest, [numbers[index]!])
    else under.push(numbers[index]!)
  }
  // A bit for each gram that is in use: most places of most names end here, without a look at the map.
  const bits = new Uint8Array(slotsFor(filed.size * 8) / 8)
  const mask = bits.length * 8 - 1
  for (const gram of filed.keys()) bits[(gram & mask) >> 3]! |= 1 << (gram & 7)

  return {
    bytes: bits.length + filed.size * 64,
    find(name) {
      let found: Set<number> | undefined
      for (let at = 0; at + GRAM <= name.length; at++) {
        const gram = gramAt(name, at)
        if ((bits[(gram & mask) >> 3]! & (1 << (gram & 7))) === 0) continue
        for (const number of filed.get(gram) ?? none) {
          if (!found?.has(number) && matchesGlob(rules[number]!, name)) {
            found ??= new Set()
            found.add(number)
          }
        }
      }
      return found === undefined ? none : [...found]
    },
  }
}
