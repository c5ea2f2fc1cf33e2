/**
 * Each origin counts once for an entity and context, on the path where it is trusted most. A blend that was published
 * without its parts names the origins behind it: it and those parts are one, and the stronger side is kept.
 */

import type { Line } from './testimony.ts'

const silent = { good: 0, bad: 0 }

/** Silences the lines whose origin counts elsewhere. `lines` are sorted, so ties fall the same way every time. */
export function keepOneOfEachOrigin(lines: readonly Line[]): void {
  const bySubject = Map.groupBy(lines, ({ testimony: { statement } }) => `${statement.entity}\n${statement.context}`)
  for (const subject of bySubject.values()) {
    if (subject.length === 1) continue
    const single = subject.filter(({ origins }) => origins.length === 1)
    const opaque = subject.filter(({ origins }) => origins.length > 1)
    for (const same of Map.groupBy(single, ({ origins }) => origins[0]!).values()) keepStrongest(same)
    if (opaque.length > 0) mergeOpaque(opaque, single)
  }
}

function keepStrongest(lines: readonly Line[]): void {
  const best = lines.reduce((kept, line) => (line.trust > kept.trust ? line : kept))
  for (const line of lines) if (line !== best) silence(line, best)
}

function silence(line: Line, by: Line): void {
  line.evidence = silent
  line.dedupedBy = by.subscription.feed
}

function mergeOpaque(opaque: readonly Line[], single: readonly Line[]): void {
  for (const related of groupByShared(opaque)) {
    keepStrongest(related)
    const kept = related.find(({ dedupedBy }) => dedupedBy === undefined)!
    const ancestors = new Set(related.flatMap(({ origins }) => origins))
    const parts = single.filter(({ origins, dedupedBy }) => dedupedBy === undefined && ancestors.has(origins[0]!))
    if (parts.length === 0) continue
    const isOpaqueStronger = weightOf([kept]) > weightOf(parts)
    if (isOpaqueStronger) for (const part of parts) silence(part, kept)
    else silence(kept, parts[0]!)
  }
}

function weightOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { evidence }) => sum + evidence.good + evidence.bad, 0)
}

/** Lines that share an origin, directly or through others, together. */
function groupByShared(lines: readonly Line[]): Line[][] {
  let groups: { readonly origins: Set<string>; readonly lines: Line[] }[] = []
  for (const line of lines) {
    const touching = groups.filter(({ origins }) => line.origins.some((origin) => origins.has(origin)))
    const merged = { origins: new Set(line.origins), lines: [line] }
    for (const group of touching) {
      for (const origin of group.origins) merged.origins.add(origin)
      merged.lines.unshift(...group.lines)
    }
    groups = [...groups.filter((group) => !touching.includes(group)), merged]
  }
  return groups.map((group) => group.lines)
}
