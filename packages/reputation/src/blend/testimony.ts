/** What goes into a blend: statements with the ways on which they came, and the lines that the guards work on. */

import type { Statement } from '../statement.ts'
import type { Evidence } from './evidence.ts'
import type { Subscription } from './lens.ts'

/** A statement and the way on which it reached the viewer. */
export type Testimony = {
  readonly statement: Statement
  /** Feeds from the direct subscription to the publisher. */
  readonly path: readonly string[]
  /** The weights that each feed of the path declares for the next. */
  readonly weights: readonly number[]
  /** How much of it counts for the entity in question: 1, or less if it is about a parent of that entity. */
  readonly factor: number
  /** The burst damper's factor on the confidence, 1 or 0.25. */
  readonly damping: number
  /** How long the publisher has signed nothing. */
  readonly idleMs: number
}

/** A record before caps; `origins` as its statement names them. */
export type Line = {
  readonly testimony: Testimony
  readonly subscription: Subscription
  readonly origins: readonly string[]
  readonly trust: number
  readonly calibration: number
  readonly confidence: number
  readonly sortKey: string
  evidence: Evidence
  dedupedBy: string | undefined
  isCapped: boolean
}
