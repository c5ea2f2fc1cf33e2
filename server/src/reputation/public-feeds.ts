/** What anyone may read of public feeds, as texts that can be kept for a while. */

import { encodeBase64, proveConsistency, signSnapshot } from '@parallax/reputation'
import { Lru, MatrixError } from '../base/index.ts'
import type { Reader } from '../store/index.ts'
import {
  type FeedRow,
  findFeed,
  listBatches,
  listBatchSizes,
  listEntries,
  listLeaves,
  listPublicManifests,
} from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { noSuchFeed } from './refuse.ts'
import type { Kept, PublicFeeds, ReputationDeps } from './reputation.ts'

export type FeedReads = PublicFeeds & {
  /** As `readChanges`, whoever may read the feed. */
  readBatches(feed: string, since: number): Promise<Kept>
}

export function createPublicFeeds({ store }: ReputationDeps): FeedReads {
  const snapshots = new Lru<string, Kept>(reputationLimits.snapshotsMax)

  async function requirePublic(feed: string): Promise<FeedRow> {
    const row = await findFeed(store.reader, feed)
    if (row?.audience !== 'public') throw noSuchFeed()
    return row
  }

  async function readPage({ feed, state }: FeedRow, since: number, limit: number = reputationLimits.batchesPageMax) {
    const most = Math.min(limit, reputationLimits.batchesPageMax)
    const last = state.head?.seq ?? 0
    const rows = await listBatches(store.reader, feed, since, await countFitting(store.reader, feed, since, most))
    const bodies = rows.map(({ body }) => body)
    const text = `{"batches":[${bodies.join(',')}],"next":${rows.at(-1)?.seq ?? since},"last":${last}}`
    return { text, tag: `c${last}-${since}-${most}` }
  }

  return {
    async listPublicFeeds() {
      const manifests = await listPublicManifests(store.reader)
      return { feeds: manifests.map(({ feed, name, key }) => ({ feed, name, key })) }
    },
    async readManifest(feed) {
      const { manifestText, manifest } = await requirePublic(feed)
      return { text: manifestText, tag: `m${manifest.revision}` }
    },
    async readSnapshot(feed) {
      const { key, state } = await requirePublic(feed)
      if (state.head === undefined) throw new MatrixError('M_NOT_FOUND', 'The feed has said nothing yet.')
      const tag = `s${state.head.seq}`
      const known = snapshots.get(feed)
      if (known?.tag === tag) return known
      const rows = await listEntries(store.longReader, feed)
      const hashes = rows.map(({ hash }) => hash)
      const frame = JSON.stringify(signSnapshot(key, state, hashes))
      const entries = rows.map(({ body }) => body).join(',')
      const kept = { text: `${frame.slice(0, -1)},"entries":[${entries}]}`, tag }
      snapshots.set(feed, kept)
      return kept
    },
    readChanges: async (feed, since, limit) => readPage(await requirePublic(feed), since, limit),
    async readBatches(feed, since) {
      const row = await findFeed(store.reader, feed)
      if (row === undefined) throw noSuchFeed()
      return readPage(row, since)
    },
    async readProof(feed, older) {
      const { state } = await requirePublic(feed)
      const { head } = state
      if (head === undefined || older > head.seq) {
        throw new MatrixError('M_INVALID_PARAM', 'The feed never was at that number.')
      }
      const leaves = await listLeaves(store.longReader, feed)
      const proof = proveConsistency(leaves.slice(0, head.seq), older).map(encodeBase64)
      return { text: JSON.stringify({ head, proof }), tag: `p${head.seq}-${older}` }
    },
  }
}

/** How many batches fit into a page, one at least. */
async function countFitting(reader: Reader, feed: string, since: number, most: number): Promise<number> {
  const sizes = await listBatchSizes(reader, feed, since, most)
  let total = 0
  const end = sizes.findIndex(({ characters }) => {
    total += Number(characters)
    return total > reputationLimits.pageCharactersMax
  })
  return end < 0 ? sizes.length : Math.max(1, end)
}
