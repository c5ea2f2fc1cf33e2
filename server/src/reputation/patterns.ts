/** The patterns of followed feeds, compiled: which of them fit a name is known in linear time. */

import { createRuleIndex, type PlainEntry, type RuleIndex, readOpinion, type View } from '@parallax/reputation'
import type { PatternRow } from './source-table.ts'

/** A pattern says less about each that it fits. */
export const BROAD_FACTOR = 0.8

type Fitting = { readonly source: number; readonly view: View; readonly dampedMs: number }

export interface Patterns {
  /** What patterns say of an entity. */
  match(kind: string, id: string): readonly Fitting[]
}

const none: readonly Fitting[] = []

/** `seed`: random, so that no feed can choose names that collide. */
export function compilePatterns(rows: readonly PatternRow[], seed: number): Patterns {
  const byKind = new Map<string, { index: RuleIndex; fitting: readonly Fitting[] }>()
  for (const [kind, own] of Map.groupBy(rows, (row) => row.kind)) {
    const fitting = own.map(({ source, body, damped_ms: dampedMs }) => {
      return { source, view: readOpinion(JSON.parse(body) as PlainEntry), dampedMs }
    })
    byKind.set(kind, {
      index: createRuleIndex(
        own.map(({ target }) => target),
        seed,
      ),
      fitting,
    })
  }
  return {
    match(kind, id) {
      const found = byKind.get(kind)
      return found === undefined ? none : found.index.match(id).map((number) => found.fitting[number]!)
    },
  }
}
