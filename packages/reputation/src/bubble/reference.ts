/**
 * The lenses that a viewer's lens is held against. All are worked out from feeds that the viewer follows anyway: nobody
 * else's data is read.
 */

import type { Lens } from '../blend/lens.ts'
import type { Testimony } from '../blend/testimony.ts'
import { findContext } from '../context.ts'
import type { Ground, Sighting } from './sighting.ts'

export type ReferenceLens = {
  readonly name: string
  readonly lens: Lens
  /** What is said in viewpoint contexts is turned round. */
  readonly isOpposite?: true
}

/**
 * No lens, each subscribed feed alone and at its word (as a list that one watches), the opposite of one's viewpoints,
 * and others: the server's default, and public lenses that the viewer chose.
 */
export function listReferences(lens: Lens, others: readonly ReferenceLens[] = []): ReferenceLens[] {
  const alone = lens.subscriptions.map((subscription): ReferenceLens => {
    return { name: subscription.feed, lens: { subscriptions: [{ ...subscription, mode: 'enforce', boundBy: 'user' }] } }
  })
  return [
    { name: 'off', lens: { subscriptions: [] } },
    ...alone,
    { name: 'opposite', lens, isOpposite: true },
    ...others,
  ]
}

/** The item as a reference lens looks at it. */
export function turnFor({ isOpposite }: ReferenceLens, sighting: Sighting): Sighting {
  if (isOpposite === undefined) return sighting
  return { ...sighting, grounds: sighting.grounds.map(turnRound) }
}

function turnRound(ground: Ground): Ground {
  if (findContext(ground.context).class !== 'viewpoint') return ground
  const turned = ground.testimonies.map((testimony): Testimony => {
    const { statement } = testimony
    return { ...testimony, statement: { ...statement, value: 0 - statement.value } }
  })
  return { ...ground, testimonies: turned }
}
