/** Following feeds of other servers: this server asks for all its users, so that publishers see servers, not people. */

import { type Head, isDeclared, type Manifest, model, parseEntity, splitEntity } from '@parallax/reputation'
import { createKeyedQueue, type KeyedQueue, MatrixError } from '../base/index.ts'
import { askAsMembers } from './ask-feed.ts'
import { fetchManifest, parseAddress } from './fetch-feed.ts'
import { createNewsFollower } from './follow-news.ts'
import type { Visit } from './gossip.ts'
import { reputationLimits } from './limits.ts'
import { insertLink } from './parent-table.ts'
import { createParents } from './parents.ts'
import { refreshSource, startSource } from './refresh.ts'
import { refusing } from './refuse.ts'
import type { Manner, ReputationDeps, Subscriptions } from './reputation.ts'
import {
  countDamped,
  countSaid,
  countSources,
  findSource,
  insertSource,
  insertSubscription,
  listFollowers,
  listSources,
  listSourcesAbout,
  listSubscribed,
  removeSubscriptions,
  type SourceRow,
} from './source-table.ts'
import { createWatch } from './watch.ts'

/** Who is told: a feed says something else, or a user follows others. */
type Told = { readonly onFeeds: (source: number) => void; readonly onFollowed: (user: number) => void }

export function createSubscriptions(
  deps: ReputationDeps,
  { onFeeds, onFollowed }: Told,
): Subscriptions & { readonly visit: Visit } {
  const { store, clock } = deps
  /** By address: whoever changes what is known of a feed does so one after another. */
  const turns = createKeyedQueue<string>()
  const watch = createWatch(deps, (row) =>
    turns.run(row.address, async () => {
      // It may have been left meanwhile, or looked at.
      const [now] = await listSources(store.reader, [row.source])
      if (now !== undefined && now.nextMs <= clock.nowMs()) await refresh(now)
    }),
  )

  const parents = createParents(deps, {
    onParents: (source) => onFeeds(source),
    async adopt(source, address, manifest) {
      const row = await turns.run(address, async () => {
        const fresh = await turns.run('', async () => {
          const { count, last } = await countSources(store.reader)
          if (count >= reputationLimits.sourcesMax) return undefined
          const started = startSource(last + 1, address, manifest, 'copy')
          await store.transact((tx) => {
            insertSource(tx, started)
            insertLink(tx, { source, parent: started.source })
          })
          return started
        })
        return fresh && refreshSource(deps, fresh)
      })
      news.noteFollowed(address)
      return row?.source
    },
  })

  async function refresh(row: SourceRow): Promise<SourceRow> {
    const readers = await listReadersHere(row)
    const fresh = await refreshSource(deps, row)
    // Who is no reader any more follows it no longer.
    const now = new Set(await listReadersHere(row))
    for (const user of readers) if (!now.has(user)) onFollowed(user)
    if (fresh.manifest.derived_from.length > 0 || fresh.manifest.revision !== row.manifest.revision) {
      parents.note(row.source)
    }
    if (fresh.state.head?.seq !== row.state.head?.seq || fresh.manifest.revision !== row.manifest.revision) {
      onFeeds(row.source)
    }
    return fresh
  }

  async function listReadersHere({ source, manner }: SourceRow): Promise<number[]> {
    return manner === 'members' ? listFollowers(store.reader, source) : []
  }

  const news = createNewsFollower(deps, async (source) => {
    const [row] = await listSources(store.reader, [source])
    if (row === undefined) return false
    return turns.run(row.address, async () => {
      const [now] = await listSources(store.reader, [source])
      const fresh = now && (await refresh(now))
      return now !== undefined && fresh?.state.head?.seq !== now.state.head?.seq
    })
  })

  async function leave(user: number, rows: readonly SourceRow[]): Promise<void> {
    for (const { source, address } of rows) {
      await turns.run(address, () => store.transact((tx) => removeSubscriptions(tx, user, [source])))
    }
    parents.noteLeft()
  }

  return {
    async visit(source, act) {
      const [row] = await listSources(store.reader, [source])
      if (row === undefined) return
      await turns.run(row.address, async () => {
        const [now] = await listSources(store.reader, [source])
        if (now !== undefined) await act(now, refresh)
      })
    },
    resume() {
      watch.resume()
      news.resume().catch((error) => deps.logger.error({ err: error }, 'news of followed feeds are not waited for'))
    },
    async close() {
      await Promise.all([watch.close(), news.close(), parents.close()])
    },
    async subscribe(user, text, key, manner = 'copy') {
      const address = parseAddress(deps, text)
      const wanted = { user, address, key, manner }
      const row = await turns.run(address, () => subscribe(deps, turns, wanted))
      onFollowed(user)
      news.noteFollowed(address)
      parents.note(row.source)
      return showSource(deps, row)
    },
    async unsubscribe(user, source) {
      await leave(user, [await requireFollowed(deps, user, source)])
      onFollowed(user)
    },
    async lookNow(user, source) {
      const { address } = await requireFollowed(deps, user, source)
      const row = await turns.run(address, async () => {
        const now = await requireFollowed(deps, user, source)
        return clock.nowMs() - now.checkedMs < reputationLimits.lookAgainMs ? now : refresh(now)
      })
      return showSource(deps, row)
    },
    async listSubscriptions(user) {
      const rows = await listSources(store.reader, await listSubscribed(store.reader, user))
      return { subscriptions: await Promise.all(rows.map((row) => showSource(deps, row))) }
    },
    async listAbout(userId) {
      const { kind, id } = splitEntity(parseEntity('user', userId))
      const rows = await listSources(store.reader, await listSourcesAbout(store.reader, kind, id))
      return { feeds: rows.map(({ address, manifest: { name, contact } }) => ({ address, name, contact })) }
    },
    async forgetSubscriptions(user) {
      await leave(user, await listSources(store.reader, await listSubscribed(store.reader, user)))
    },
  }
}

async function requireFollowed({ store }: ReputationDeps, user: number, source: number): Promise<SourceRow> {
  const isFollowed = (await listSubscribed(store.reader, user)).includes(source)
  const [row] = isFollowed ? await listSources(store.reader, [source]) : []
  if (row === undefined) throw new MatrixError('M_NOT_FOUND', 'You do not follow that.')
  return row
}

async function subscribe(
  deps: ReputationDeps,
  turns: KeyedQueue<string>,
  { user, address, key, manner }: Wanted,
): Promise<SourceRow> {
  const { store, clock } = deps
  const manifest = await findManifest(deps, user, address, manner).catch((error) => refusing(() => rethrow(error)))
  if (key !== undefined && key !== manifest.key) {
    throw new MatrixError('M_INVALID_PARAM', 'The feed has another key.', { kind: 'key-changed' })
  }
  const known = await findSource(store.reader, address, manifest.key)
  // Numbers are given, and feeds counted, one after another.
  const row = await turns.run('', async () => {
    await checkRoom(deps, user, known === undefined)
    const chosen = known ?? startSource((await countSources(store.reader)).last + 1, address, manifest, manner)
    await store.transact((tx) => {
      if (known === undefined) insertSource(tx, chosen)
      insertSubscription(tx, user, chosen.source, clock.nowMs())
    })
    return chosen
  })
  if (known !== undefined && (known.manner !== 'range' || manner === 'range')) return known
  // Whoever wants a copy gets one, and others then read it too.
  return refreshSource(deps, { ...row, manner })
}

type Wanted = {
  readonly user: number
  readonly address: string
  readonly key: string | undefined
  readonly manner: Manner
}

async function findManifest(deps: ReputationDeps, user: number, address: string, manner: Manner): Promise<Manifest> {
  if (manner === 'members') {
    if (user <= 0) throw new MatrixError('M_INVALID_PARAM', 'A narrow feed is read by people.')
    return (await askAsMembers(deps, address, await deps.names.texts([user]), 0)).manifest
  }
  const manifest = await fetchManifest(deps, address)
  if (manner === 'range' && manifest.tier === 'T0') {
    throw new MatrixError('M_INVALID_PARAM', 'A plain feed is not asked by range.')
  }
  return manifest
}

async function checkRoom({ store }: ReputationDeps, user: number, isNew: boolean): Promise<void> {
  const { subscriptionsPerUserMax, sourcesMax } = reputationLimits
  if ((await listSubscribed(store.reader, user)).length >= subscriptionsPerUserMax) {
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', `You can follow ${subscriptionsPerUserMax} feeds.`)
  }
  if (isNew && (await countSources(store.reader)).count >= sourcesMax) {
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'This server follows as many feeds as it may.')
  }
}

function rethrow(error: unknown): never {
  throw error
}

/** What a reader should know before trusting it: undeclared and abandoned feeds are marked. */
async function showSource({ store, clock }: ReputationDeps, row: SourceRow): Promise<object> {
  const { entity, pattern, row: sealed } = await countSaid(store.longReader, row.source)
  const { head } = row.state
  return {
    source: row.source,
    address: row.address,
    key: row.state.publicKey,
    manifest: row.manifest,
    health: row.health,
    manner: row.manner,
    ...(row.otherHead !== '' && { other_head: JSON.parse(row.otherHead) as Head }),
    is_declared: isDeclared(row.manifest),
    is_abandoned: head !== undefined && clock.nowMs() - head.issued > model.idleMs,
    seq: head?.seq ?? 0,
    opinions: entity,
    patterns: pattern,
    sealed,
    damped: await countDamped(store.longReader, row.source, clock.nowMs()),
    checked_ts: row.checkedMs,
  }
}
