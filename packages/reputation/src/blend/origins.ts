/**
 * Each origin counts once for an entity and context, on the path where it is trusted most. A blend that was published
 * without its parts names the origins behind it: it and those parts are one, and the stronger side is kept.
 */

import { originsOf, type Testimony } from './testimony.ts'

/** What is needed of a line of the blend. */
type Weighed<Self> = {
  readonly testimony: Testimony
  readonly prepared: { readonly originKey: string; readonly isOpaque: boolean }
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
    } else if (line.trust > best.trust) {
      silence(best, line)
      best = line
    } else {
      silence(line, best)
    }
  }
  if (hasOpaque) mergeOpaque(lines)
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
      if (kept.good + kept.bad > weightOf(parts)) for (const part of parts) silence(part, kept)
      else silence(kept, parts[0]!)
    }
  }
}

function isFrom<L extends Weighed<L>>({ testimony }: L, ancestors: ReadonlySet<string>): boolean {
  return originsOf(testimony).some((origin) => ancestors.has(origin))
}

function weightOf<L extends Weighed<L>>(lines: readonly L[]): number {
  return lines.reduce((sum, { good, bad }) => sum + good + bad, 0)
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
