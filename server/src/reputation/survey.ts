/** What a lens does to things its owner could have seen: for metrics, the log of decisions and previews. */

import { listReferences, measureBubble } from '@parallax/reputation'
import { entitiesOf, toSighting } from './judge.ts'
import type { NamedItem, ReputationDeps, Survey, WrittenLens } from './reputation.ts'
import { judgeThrough, openSight } from './sights.ts'

/** Nothing of it is kept. */
export async function surveyItems(
  deps: ReputationDeps,
  user: number,
  { now, tried }: { readonly now: WrittenLens; readonly tried: WrittenLens | undefined },
  items: readonly NamedItem[],
): Promise<Survey> {
  const sight = await openSight(deps, user, now)
  const verdicts = await judgeThrough(sight, items)
  const { lens, names } = sight.compiled
  const sightings = items.map((item) => toSighting(item, sight.recall(entitiesOf(sight.compiled, item))))
  const metrics = measureBubble(lens, sightings, listReferences(lens), { nowMs: deps.clock.nowMs() })
  const other = tried && (await openSight(deps, user, tried))
  return { verdicts, tried: other && (await judgeThrough(other, items)), metrics, names }
}
