/**
 * Questions on single names, for feeds that the asker holds no copy of: by the first bits of a row's index, or blinded.
 * Neither tells this server which name it was. Nothing is kept of who asked what, but how much.
 */

import {
  createRangeTable,
  decodeBase64,
  encodeBase64,
  loadOprf,
  ReputationError,
  type RowEntry,
} from '@parallax/reputation'
import { Lru, MatrixError } from '../base/index.ts'
import { fillSecretOf, oprfKeyOf } from './feed-keys.ts'
import { type FeedRow, findFeed, listEntries } from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { noSuchFeed } from './refuse.ts'
import type { Lookups, ReputationDeps } from './reputation.ts'

type Kept = { readonly seq: number; readonly epoch: number; readonly table: ReturnType<typeof createRangeTable> }
type Quota = { tokens: number; filledMs: number; dayEndsMs: number; today: number }

export function createLookups(deps: ReputationDeps): Lookups {
  const { store, clock, randomBytes } = deps
  const tables = new Lru<string, Kept>(reputationLimits.rangeTablesMax)
  const quotas = new Lru<string, Quota>(reputationLimits.quotasMax)

  async function requireTier(feed: string, tiers: readonly string[]): Promise<FeedRow> {
    const row = await findFeed(store.reader, feed)
    if (row?.audience !== 'public') throw noSuchFeed()
    if (!tiers.includes(row.manifest.tier)) throw new MatrixError('M_INVALID_PARAM', 'The feed is not asked like that.')
    return row
  }

  async function openTable(row: FeedRow): Promise<Kept> {
    const [seq, epoch] = [row.state.head?.seq ?? 0, row.manifest.epoch]
    const known = tables.get(row.feed)
    if (known?.seq === seq && known.epoch === epoch) return known
    const entries = await listEntries(store.longReader, row.feed)
    const rows = entries.map(({ body }) => decodeBase64((JSON.parse(body) as RowEntry).row))
    const kept = { seq, epoch, table: createRangeTable(rows, fillSecretOf(row)) }
    tables.set(row.feed, kept)
    return kept
  }

  /** Takes so many names from what a server may ask for; throws M_RESOURCE_LIMIT_EXCEEDED. */
  function take(server: string, count: number): void {
    const { oprfPerDayMax, oprfPerSecond, oprfBurst } = reputationLimits
    const nowMs = clock.nowMs()
    const quota = quotas.get(server) ?? { tokens: oprfBurst, filledMs: nowMs, dayEndsMs: nowMs + DAY_MS, today: 0 }
    if (nowMs >= quota.dayEndsMs) Object.assign(quota, { dayEndsMs: nowMs + DAY_MS, today: 0 })
    const gained = (Math.max(0, nowMs - quota.filledMs) * oprfPerSecond) / 1_000
    Object.assign(quota, { tokens: Math.min(oprfBurst, quota.tokens + gained), filledMs: nowMs })
    quotas.set(server, quota)
    const isSpent = quota.today + count > oprfPerDayMax
    if (isSpent || quota.tokens < count) {
      const waitMs = isSpent ? quota.dayEndsMs - nowMs : ((count - quota.tokens) * 1_000) / oprfPerSecond
      // Not M_LIMIT_EXCEEDED: after its status, servers leave us alone with everything else too.
      throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'That is more than a server may ask.', {
        retry_after_ms: Math.ceil(waitMs),
      })
    }
    Object.assign(quota, { tokens: quota.tokens - count, today: quota.today + count })
  }

  return {
    async answerRange(feed, bits, prefixes) {
      const { seq, epoch, table } = await openTable(await requireTier(feed, ['T2', 'T3']))
      // Who asks with other bits is told ours, and asks again.
      const asked = bits === table.bits ? [...new Set(prefixes)] : []
      if (asked.some((prefix) => prefix >= 2 ** table.bits)) {
        throw new MatrixError('M_INVALID_PARAM', `A prefix of this feed has ${table.bits} bits.`)
      }
      const rows = Object.fromEntries(asked.map((prefix) => [prefix, encodeBase64(table.read(prefix))]))
      return { seq, epoch, bits: table.bits, rows }
    },
    async answerBlinded(feed, server, elements) {
      const row = await requireTier(feed, ['T3'])
      take(server, elements.length)
      const [oprf, key] = [await loadOprf(), await oprfKeyOf(row, row.manifest.epoch)]
      try {
        const blinded = elements.map((element) => decodeBase64(element, 32))
        const { elements: evaluated, proof } = oprf.evaluate(key, blinded, randomBytes(64))
        const { epoch } = row.manifest
        return { epoch, elements: evaluated.map(encodeBase64), proof: encodeBase64(proof) }
      } catch (error) {
        if (!(error instanceof ReputationError)) throw error
        throw new MatrixError('M_INVALID_PARAM', error.message, { kind: error.kind })
      }
    },
  }
}

const DAY_MS = 86_400_000
