/** Feeds of users of this server: making, describing, removing, listing. */

import {
  checkSuccessor,
  createFeedKey,
  encodeBase64,
  type Manifest,
  parseEntity,
  parseManifest,
  signManifest,
  splitEntity,
} from '@parallax/reputation'
import { createKeyedQueue, type KeyedQueue, MatrixError } from '../base/index.ts'
import { listParents } from './derive-feed.ts'
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
import { importList } from './import-list.ts'
import { reputationLimits } from './limits.ts'
import { publish } from './publish.ts'
import { noSuchFeed, refusing } from './refuse.ts'
import type {
  FeedDescription,
  GivenOpinion,
  NewFeedOptions,
  OwnFeeds,
  Publisher,
  ReputationDeps,
  Said,
} from './reputation.ts'
import { restoreEntries } from './roll-back.ts'
import { isSealed } from './seal-opinions.ts'
import { beginEpoch, describeSealing, saySealed } from './sealed-feeds.ts'
import { listReaders, listSealedHeld, replaceReaders } from './sealed-table.ts'
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

  const own: OwnFeeds = {
    createFeed: (publisher, options, description) =>
      turns.run(publisher.user, () => createFeed(deps, publisher, options, description)),
    describeFeed: (publisher, feed, description) =>
      inTurn(publisher, feed, async ({ key, manifest }) => {
        const { tier, epoch, salt, oprf, reasons, derived_from } = manifest
        const sealing = { tier, epoch, reasons, derived_from, ...(salt && { salt }), ...(oprf && { oprf }) }
        const revision = manifest.revision + 1
        const next = refusing(() => {
          const described = { ...toManifest(feed, description, sealing), revision }
          // Rows name their contexts by their place: in a sealed feed these are only added.
          if (tier !== 'T0') checkSuccessor(manifest, described)
          return signManifest(key, described)
        })
        await store.transact((tx) => updateManifest(tx, feed, next))
      }),
    importList: (publisher, feed, list) => importList(own.sayOpinions, publisher, feed, list),
    deriveFeed: (publisher, feed, lens) =>
      inTurn(publisher, feed, async (row) => {
        const { key, manifest } = row
        const derived = {
          ...manifest,
          derived_from: await listParents(deps, row, lens),
          revision: manifest.revision + 1,
        }
        const next = refusing(() => signManifest(key, derived))
        await store.transact((tx) => updateManifest(tx, feed, next))
        return { derived_from: next.derived_from }
      }),
    removeFeed: (publisher, feed) => inTurn(publisher, feed, () => store.transact((tx) => removeFeedRows(tx, feed))),
    listOwnFeeds: async (user) => {
      const rows = await listFeedsOf(store.reader, user)
      return { feeds: await Promise.all(rows.map((row) => showFeed(deps, row))) }
    },
    async listOwnOpinions(user, feed) {
      if (isSealed(await requireOwn(deps, user, feed))) {
        const held = await listSealedHeld(store.longReader, feed)
        return { opinions: held.map(({ id, opinion }) => ({ id, ...opinion })) }
      }
      const rows = await listEntries(store.longReader, feed)
      return { opinions: rows.map(({ id, body }) => ({ id, ...withoutOp(body) })) }
    },
    sayOpinions: (publisher, feed, opinions) =>
      inTurn(publisher, feed, (row) => {
        if (isSealed(row)) return saySealed(deps, row, opinions)
        const entries = refusing(() => writeEntries(opinions, deps.clock.nowMs()))
        return publish(deps, row, entries)
      }),
    endOpinions: (publisher, feed, ids, isForgotten) =>
      inTurn(publisher, feed, (row) => endEntries(deps, row, ids, isForgotten)),
    rollBack: (publisher, feed, seq) => inTurn(publisher, feed, (row) => restoreEntries(deps, row, seq)),
    setReaders: (publisher, feed, readers) =>
      inTurn(publisher, feed, (row) => {
        if (row.audience !== 'named') throw new MatrixError('M_INVALID_PARAM', 'The feed has no named readers.')
        return setReaders(deps, row, parseReaders(readers))
      }),
    renewSealing: (publisher, feed) =>
      inTurn(publisher, feed, (row) => {
        if (!isSealed(row)) throw new MatrixError('M_INVALID_PARAM', 'The feed seals nothing.')
        return beginEpoch(deps, row, undefined)
      }),
    forget: (user) => forget(deps, turns, user),
  }
  return own
}

async function createFeed(
  deps: ReputationDeps,
  { user, isAdmin }: Publisher,
  { audience, tier: wanted = 'T0', readers = [] }: NewFeedOptions,
  description: FeedDescription,
): Promise<{ feed: string }> {
  const { store, clock, randomBytes, config } = deps
  const { publishing } = config
  if (audience === 'public' && publishing !== 'users' && !(publishing === 'admins' && isAdmin)) {
    throw new MatrixError('M_FORBIDDEN', 'On this server you may not publish feeds that others can read.')
  }
  if ((await listFeedsOf(store.reader, user)).length >= reputationLimits.feedsPerUserMax) {
    const { feedsPerUserMax } = reputationLimits
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', `A user has at most ${feedsPerUserMax} feeds.`)
  }
  const named = parseReaders(readers)
  const tier = audience === 'named' ? 'T4' : wanted
  const seed = randomBytes(32)
  const key = createFeedKey(seed)
  // The first key of a feed names it: nobody else can have a feed of that name and prove it.
  const feed = key.publicKey
  const secret = tier === 'T0' ? '' : encodeBase64(randomBytes(32))
  const sealing = tier === 'T0' ? plain : await describeSealing(deps, { feed, secret }, tier, 1)
  const manifest = refusing(() => signManifest(key, toManifest(feed, description, sealing)))
  await store.transact((tx) => {
    insertFeed(tx, { feed, owner: user, audience, seed, secret, manifest, createdMs: clock.nowMs() })
    if (audience === 'named') replaceReaders(tx, feed, named)
  })
  return { feed }
}

const plain = { tier: 'T0', epoch: 0 } as const

/** User IDs in their one form. Throws M_INVALID_PARAM. */
function parseReaders(readers: readonly string[]): string[] {
  return [...new Set(readers.map((reader) => refusing(() => splitEntity(parseEntity('user', reader)).id)))]
}

/** Who is added gets the key of now; if somebody is left out, everything is sealed anew. */
async function setReaders(deps: ReputationDeps, row: FeedRow, readers: readonly string[]): Promise<Said> {
  const now = new Set(readers)
  const before = await listReaders(deps.store.reader, row.feed)
  if (before.some((reader) => !now.has(reader))) return beginEpoch(deps, row, readers)
  await deps.store.transact((tx) => replaceReaders(tx, row.feed, readers))
  return { seq: row.state.head?.seq ?? 0, ids: [] }
}

function toManifest(feed: string, description: FeedDescription, sealing: Partial<Manifest>): Manifest {
  const ours = { feed, key: feed, revision: 1, reasons: [], derived_from: [], ...sealing }
  return parseManifest({ languages: [], ...description, ...ours })
}

async function requireOwn({ store }: ReputationDeps, user: number, feed: string): Promise<FeedRow> {
  const row = await findFeed(store.reader, feed)
  // A feed of somebody else is none: who asks does not learn that it is there.
  if (row?.owner !== user) throw noSuchFeed()
  return row
}

async function showFeed({ store }: ReputationDeps, { feed, audience, manifest, state }: FeedRow): Promise<object> {
  const [opinions, patterns] = await countEntries(store.reader, feed, [])
  const readers = audience === 'named' ? { readers: await listReaders(store.reader, feed) } : {}
  return { feed, audience, manifest, seq: state.head?.seq ?? 0, opinions, patterns, ...readers }
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
