/**
 * Each origin counts once for an entity and context: what it says to the reader itself; else its word on the path where
 * it is trusted most; else what others say that it said. Otherwise a feed could take another's place by claiming to
 * repeat it. A blend published without its parts names the origins behind it: it and those parts are one.
 */

import { originsOf, type Testimony } from './testimony.ts'

/** What is needed of a line of the blend. */
type Weighed<Self> = {
  readonly testimony: Testimony
  readonly prepared: { readonly originKey: string; readonly isOpaque: boolean; readonly remoteness: number }
  readonly trust: number
  good: number
  bad: number
  dedupedBy: Self | undefined
}

/** Silences the lines whose origin counts elsewhere. The lines are sorted: those of one origin are neighbours. */
export function keepOneOfEachOrigin<L extends Weighed<L>>(lines: readonly L[], hasOpaque: boolean): void {
  let best = lines[0]!
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!
    if (line.prepared.originKey !== best.prepared.originKey) {
      best = line
    } else if (isNearer(line, best)) {
      silence(best, line)
      best = line
    } else {
      silence(line, best)
    }
  }
  if (hasOpaque) mergeOpaque(lines)
}

function isNearer<L extends Weighed<L>>(line: L, best: L): boolean {
  const nearer = best.prepared.remoteness - line.prepared.remoteness
  return nearer === 0 ? line.trust > best.trust : nearer > 0
}

function silence<L extends Weighed<L>>(line: L, by: L): void {
  line.good = 0
  line.bad = 0
  line.dedupedBy = by
}

function mergeOpaque<L extends Weighed<L>>(lines: readonly L[]): void {
  const heard = lines.filter(({ dedupedBy }) => dedupedBy === undefined)
  const subjectOf = ({ testimony: { statement } }: L): string => `${statement.entity}\n${statement.context}`
  for (const subject of Map.groupBy(heard, subjectOf).values()) {
    const single = subject.filter(({ prepared }) => !prepared.isOpaque)
    for (const related of groupByShared(subject.filter(({ prepared }) => prepared.isOpaque))) {
      const kept = related.reduce((best, line) => (line.trust > best.trust ? line : best))
      for (const line of related) if (line !== kept) silence(line, kept)
      const ancestors = new Set(related.flatMap(({ testimony }) => originsOf(testimony)))
      const parts = single.filter((line) => line.dedupedBy === undefined && isFrom(line, ancestors))
      if (parts.length === 0) continue
      if (covers(kept, parts)) for (const part of parts) silence(part, kept)
      else silence(kept, parts[0]!)
    }
  }
}

function isFrom<L extends Weighed<L>>({ testimony }: L, ancestors: ReadonlySet<string>): boolean {
  return originsOf(testimony).some((origin) => ancestors.has(origin))
}

/** Whether a blend says no less than its parts for either side: one that contradicts them does not take their place. */
function covers<L extends Weighed<L>>(blend: L, parts: readonly L[]): boolean {
  const sumOf = (side: 'good' | 'bad'): number => parts.reduce((sum, part) => sum + part[side], 0)
  return blend.good >= sumOf('good') && blend.bad >= sumOf('bad')
}

/** Lines that share an origin, directly or through others, together. */
function groupByShared<L extends Weighed<L>>(lines: readonly L[]): L[][] {
  let groups: { readonly origins: Set<string>; readonly lines: L[] }[] = []
  for (const line of lines) {
    const origins = originsOf(line.testimony)
    const touching = groups.filter((group) => origins.some((origin) => group.origins.has(origin)))
    const merged = { origins: new Set(origins), lines: [line] }
    for (const group of touching) {
      for (const origin of group.origins) merged.origins.add(origin)
      merged.lines.unshift(...group.lines)
    }
    groups = [...groups.filter((group) => !touching.includes(group)), merged]
  }
  return groups.map((group) => group.lines)
}
