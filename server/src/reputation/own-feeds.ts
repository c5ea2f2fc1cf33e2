/** Feeds of users of this server: making, describing, removing, listing. */

import { createFeedKey, type Manifest, parseManifest, signManifest } from '@parallax/reputation'
import { createKeyedQueue, type KeyedQueue, MatrixError } from '../base/index.ts'
import {
  countEntries,
  type FeedRow,
  findFeed,
  insertFeed,
  listEntries,
  listFeedsOf,
  removeFeedRows,
  updateManifest,
} from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { publish } from './publish.ts'
import { noSuchFeed, refusing } from './refuse.ts'
import type { FeedDescription, GivenOpinion, OwnFeeds, Publisher, ReputationDeps } from './reputation.ts'
import { restoreEntries } from './roll-back.ts'
import { endEntries, writeEntries } from './write-entries.ts'

/** `onNews` is told of each change of a feed. */
export function createOwnFeeds(deps: ReputationDeps, onNews: (feed: string) => void): OwnFeeds {
  const { store } = deps
  const turns = createKeyedQueue<string | number>()

  /** One after another for each feed: a batch is made of the one before. */
  async function inTurn<T>(publisher: Publisher, feed: string, act: (row: FeedRow) => Promise<T>): Promise<T> {
    const done = await turns.run(feed, async () => act(await requireOwn(deps, publisher.user, feed)))
    onNews(feed)
    return done
  }

  return {
    createFeed: (publisher, audience, description) =>
      turns.run(publisher.user, () => createFeed(deps, publisher, audience, description)),
    describeFeed: (publisher, feed, description) =>
      inTurn(publisher, feed, async ({ key, manifest }) => {
        const revision = manifest.revision + 1
        const next = refusing(() => signManifest(key, { ...toManifest(feed, description), revision }))
        await store.transact((tx) => updateManifest(tx, feed, next))
      }),
    removeFeed: (publisher, feed) => inTurn(publisher, feed, () => store.transact((tx) => removeFeedRows(tx, feed))),
    listOwnFeeds: async (user) => {
      const rows = await listFeedsOf(store.reader, user)
      return { feeds: await Promise.all(rows.map((row) => showFeed(deps, row))) }
    },
    async listOwnOpinions(user, feed) {
      await requireOwn(deps, user, feed)
      const rows = await listEntries(store.longReader, feed)
      return { opinions: rows.map(({ id, body }) => ({ id, ...withoutOp(body) })) }
    },
    sayOpinions: (publisher, feed, opinions) =>
      inTurn(publisher, feed, (row) =>
        publish(
          deps,
          row,
          refusing(() => writeEntries(opinions, deps.clock.nowMs())),
        ),
      ),
    endOpinions: (publisher, feed, ids, isForgotten) =>
      inTurn(publisher, feed, (row) => endEntries(deps, row, ids, isForgotten)),
    rollBack: (publisher, feed, seq) => inTurn(publisher, feed, (row) => restoreEntries(deps, row, seq)),
    forget: (user) => forget(deps, turns, user),
  }
}

async function createFeed(
  { store, clock, randomBytes, config }: ReputationDeps,
  { user, isAdmin }: Publisher,
  audience: 'me' | 'public',
  description: FeedDescription,
): Promise<{ feed: string }> {
  const { publishing } = config
  if (audience === 'public' && publishing !== 'users' && !(publishing === 'admins' && isAdmin)) {
    throw new MatrixError('M_FORBIDDEN', 'On this server you may not publish feeds that others can read.')
  }
  if ((await listFeedsOf(store.reader, user)).length >= reputationLimits.feedsPerUserMax) {
    const { feedsPerUserMax } = reputationLimits
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', `A user has at most ${feedsPerUserMax} feeds.`)
  }
  const seed = randomBytes(32)
  const key = createFeedKey(seed)
  // The first key of a feed names it: nobody else can have a feed of that name and prove it.
  const feed = key.publicKey
  const manifest = refusing(() => signManifest(key, toManifest(feed, description)))
  await store.transact((tx) =>
    insertFeed(tx, { feed, owner: user, audience, seed, manifest, createdMs: clock.nowMs() }),
  )
  return { feed }
}

function toManifest(feed: string, description: FeedDescription): Manifest {
  const ours = { feed, key: feed, revision: 1, tier: 'T0', epoch: 0, reasons: [], derived_from: [] }
  return parseManifest({ languages: [], ...description, ...ours })
}

async function requireOwn({ store }: ReputationDeps, user: number, feed: string): Promise<FeedRow> {
  const row = await findFeed(store.reader, feed)
  // A feed of somebody else is none: who asks does not learn that it is there.
  if (row?.owner !== user) throw noSuchFeed()
  return row
}

async function showFeed({ store }: ReputationDeps, { feed, audience, manifest, state }: FeedRow): Promise<object> {
  const [plain, patterns] = await countEntries(store.reader, feed, [])
  return { feed, audience, manifest, seq: state.head?.seq ?? 0, opinions: plain, patterns }
}

function withoutOp(body: string): Omit<GivenOpinion, 'op'> {
  const { op: _, ...opinion } = JSON.parse(body) as GivenOpinion & { op: string }
  return opinion
}

async function forget(deps: ReputationDeps, turns: KeyedQueue<string | number>, user: number): Promise<void> {
  const { store } = deps
  const feeds = await turns.run(user, () => listFeedsOf(store.reader, user))
  for (const { feed } of feeds) await turns.run(feed, () => store.transact((tx) => removeFeedRows(tx, feed)))
}
