/** Rate limits: a token bucket per limit class and user, or address where nobody is logged in. */

import { type Clock, Lru, MatrixError } from '../base/index.ts'
import type { LimitClass } from './endpoint.ts'
import { httpLimits } from './limits.ts'

/** `perSecond` calls in the long run, `burst` at once. */
export type BucketSize = { readonly perSecond: number; readonly burst: number }
export type LimitSizes = Readonly<Record<Exclude<LimitClass, 'none'>, BucketSize>>

export interface RateLimiter {
  /** Takes one call from the bucket of `who`; throws M_LIMIT_EXCEEDED with `retry_after_ms` if it is empty. */
  take(limit: LimitClass, who: string | number): void
}

/** Who waits exactly as long as told is let in, whatever the fractions add up to. */
const tolerance = 1e-6

type Bucket = { tokens: number; filledMs: number }

/** A limiter; without sizes nothing is limited. */
export function createRateLimiter(clock: Clock, sizes: LimitSizes | undefined): RateLimiter {
  if (sizes === undefined) return { take: () => undefined }
  const classes = new Map<LimitClass, Lru<string | number, Bucket>>()
  return {
    take(limit, who) {
      if (limit === 'none') return
      const size = sizes[limit]
      const buckets = classes.get(limit) ?? new Lru<string | number, Bucket>(httpLimits.bucketsMax)
      if (buckets.size === 0) classes.set(limit, buckets)
      takeToken(buckets, who, size, clock.nowMs())
    },
  }
}

function takeToken(buckets: Lru<string | number, Bucket>, who: string | number, size: BucketSize, nowMs: number): void {
  const bucket = buckets.get(who)
  if (bucket === undefined) {
    buckets.set(who, { tokens: size.burst - 1, filledMs: nowMs })
    return
  }
  const gained = (Math.max(0, nowMs - bucket.filledMs) * size.perSecond) / 1000
  bucket.tokens = Math.min(size.burst, bucket.tokens + gained)
  bucket.filledMs = nowMs
  if (bucket.tokens >= 1 - tolerance) {
    bucket.tokens -= 1
    return
  }
  const waitMs = Math.max(1, Math.ceil(((1 - bucket.tokens) * 1000) / size.perSecond - tolerance))
  throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many requests: wait a little.', { retry_after_ms: waitMs })
}
