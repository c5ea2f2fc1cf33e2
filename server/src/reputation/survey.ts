/** What a lens does to things its owner could have seen: for metrics, the log of decisions and previews. */

import { listReferences, measureBubble } from '@parallax/reputation'
import { entitiesOf, toSighting } from './judge.ts'
import type { NamedItem, Survey, Verdict, WrittenLens } from './reputation.ts'
import type { LensDeps } from './sealed-names.ts'
import { openSight, type Sight } from './sights.ts'

/** Nothing of it is kept. */
export async function surveyItems(
  deps: LensDeps,
  user: number,
  { now, tried }: { readonly now: WrittenLens; readonly tried: WrittenLens | undefined },
  items: readonly NamedItem[],
): Promise<Survey> {
  const sight = await openSight(deps, user, now)
  const verdicts = await judgeAll(sight, items)
  const { lens, names } = sight.compiled
  const sightings = items.map((item) => toSighting(item, sight.recall(entitiesOf(sight.compiled, item))))
  const metrics = measureBubble(lens, sightings, listReferences(lens), {
    nowMs: deps.clock.nowMs(),
    calibration: sight.compiled.weights.calibration,
  })
  const other = tried && (await openSight(deps, user, tried))
  return { verdicts, tried: other && (await judgeAll(other, items)), metrics, names }
}

async function judgeAll(sight: Sight, items: readonly NamedItem[]): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  for (const item of items) {
    const verdict = await sight.judge(item)
    if (verdict !== undefined) verdicts.set(item.eventId, verdict)
  }
  return verdicts
}
