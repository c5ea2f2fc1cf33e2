/**
 * What the readers of a narrow feed get, by their servers: its batches, and the key with which they read its rows. A
 * server learns of nobody but those it asks for, and whoever is not named finds no such feed.
 */

import { encodeBase64 } from '@parallax/reputation'
import { audienceKeyOf } from './feed-keys.ts'
import { findFeed } from './feed-table.ts'
import { noSuchFeed } from './refuse.ts'
import type { Members, PublicFeeds, ReputationDeps } from './reputation.ts'
import { listReaders } from './sealed-table.ts'

type Read = { readonly readBatches: (feed: string, since: number) => ReturnType<PublicFeeds['readChanges']> }

export function createMembers({ store }: ReputationDeps, { readBatches }: Read): Members {
  return {
    async readAsMembers(feed, server, asked, since) {
      const row = await findFeed(store.reader, feed)
      if (row?.audience !== 'named') throw noSuchFeed()
      const named = new Set(await listReaders(store.reader, feed))
      const readers = asked.filter((reader) => named.has(reader) && reader.slice(reader.indexOf(':') + 1) === server)
      if (readers.length === 0) throw noSuchFeed()
      const { text } = await readBatches(feed, since)
      const key = encodeBase64(audienceKeyOf(row, row.manifest.epoch))
      return { manifest: JSON.parse(row.manifestText), readers, key, ...JSON.parse(text) }
    },
  }
}
