/**
 * The ways from a reader to feeds that are derived from others, openly: the reader hears those others and blends them
 * itself, so that nothing counts twice. A circle ends where it meets itself, and no way is longer than three feeds.
 */

import { model } from '../limits.ts'

/** A feed's declaration that it is derived from another, of which it took what held at `seq`; percents. */
export type DeclaredParent = { readonly feed: string; readonly seq: number; readonly weight: number }

/** A way: the feeds from the direct subscription to the source, and the weight that each declares for the next. */
export type SourcePath = {
  readonly path: readonly string[]
  readonly weights: readonly number[]
  /** The number at which the source was taken over; undefined for a direct subscription. */
  readonly seq: number | undefined
}

export type WalkOptions = {
  /** How many feeds beyond a direct subscription: 0 to 2. */
  readonly depthMax: number
  /** The reader's own published feed: what comes back from it is an echo. */
  readonly ownFeed?: string
}

/** The best way from each direct subscription to each feed it leads to, nearest first; direct ones are ways too. */
export function walkSources(
  direct: readonly string[],
  parentsOf: (feed: string) => readonly DeclaredParent[],
  { depthMax, ownFeed }: WalkOptions,
): SourcePath[] {
  const depth = Math.min(depthMax, model.pathFactorsMax - 1)
  const found: SourcePath[] = []
  for (const feed of new Set(direct)) {
    if (feed === ownFeed) continue
    const best = new Map<string, SourcePath>()
    let edge: SourcePath[] = [{ path: [feed], weights: [], seq: undefined }]
    for (let step = 0; ; step++) {
      for (const way of edge) keepBest(best, way)
      if (step === depth) break
      edge = edge.flatMap((way) => extend(way, parentsOf(way.path.at(-1)!), ownFeed))
    }
    found.push(...best.values())
  }
  return found
}

function extend(
  { path, weights }: SourcePath,
  parents: readonly DeclaredParent[],
  ownFeed: string | undefined,
): SourcePath[] {
  const isNew = ({ feed }: DeclaredParent): boolean => feed !== ownFeed && !path.includes(feed)
  return parents.filter(isNew).map(({ feed, seq, weight }) => {
    return { path: [...path, feed], weights: [...weights, weight / 100], seq }
  })
}

function keepBest(best: Map<string, SourcePath>, way: SourcePath): void {
  const feed = way.path.at(-1)!
  const known = best.get(feed)
  if (known === undefined || worthOf(way) > worthOf(known)) best.set(feed, way)
}

function worthOf({ weights }: SourcePath): number {
  return weights.reduce((product, weight) => product * Math.min(weight, model.trustMax), 1)
}
