/**
 * Lenses of rooms, which their moderators write as state. Whom one refuses cannot join, knock or send messages by this
 * server, and what they say is shown to nobody here; it can be undone, because no event is refused for it.
 */

import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { explainEntity } from './explain-entity.ts'
import { listLenses, listRoomLenses, removeLensesOf, upsertLens } from './lens-table.ts'
import { reputationLimits } from './limits.ts'
import type { CountDecision } from './observe.ts'
import type { RoomLenses, SeenItem, Subscriptions, Verdict, WrittenLens } from './reputation.ts'
import { type RoomPolicy, readRoomPolicy } from './room-policy.ts'
import type { LensDeps } from './sealed-names.ts'
import { createSights } from './sights.ts'
import { countRoomSources, findSourceAt, listSubscribed } from './source-table.ts'

const NAME = 'room'

/** What a room follows, and what it looks through, is kept under this number. */
function followerOf(room: number): number {
  return -room
}

type RoomLensParts = Pick<Subscriptions, 'subscribe' | 'unsubscribe'> & { readonly count: CountDecision }

type Kept = WrittenLens & Pick<RoomPolicy, 'feeds'>

export type RoomLensesOf = RoomLenses & {
  /** What feeds say is other now. */
  forgetRoomSights(): void
  /** Follows what rooms name and this server does not follow yet. */
  followAll(): Promise<void>
}

export function createRoomLenses(deps: LensDeps, { subscribe, unsubscribe, count }: RoomLensParts): RoomLensesOf {
  const { store, logger } = deps
  const turns = createKeyedQueue<number>()
  const writes = createKeyedQueue<number>()
  const find = async (follower: number) => {
    return (await listLenses(store.reader, follower)).get(NAME) as Kept | undefined
  }
  const sights = createSights(deps, async (follower) => ({ lens: await find(follower), untilMs: 0 }), count)

  /** One change after another; undefined: there is no lens any more. */
  async function change(follower: number, toNext: (now: Kept | undefined) => Kept | undefined): Promise<void> {
    await writes.run(follower, async () => {
      const now = await find(follower)
      const next = toNext(now)
      if (next === now) return
      await store.transact((tx) => {
        if (next === undefined) removeLensesOf(tx, follower)
        else upsertLens(tx, follower, NAME, next)
      })
    })
    sights.forgetSight(follower)
  }

  /** Follows what the room names, as far as there is room, and nothing else. */
  async function follow(room: number): Promise<void> {
    const follower = followerOf(room)
    const kept = await find(follower)
    const sources = new Map<number, RoomPolicy['feeds'][number]>()
    for (const feed of kept?.feeds ?? []) {
      const known = await findSourceAt(store.reader, feed.address)
      if (known === undefined && (await countRoomSources(store.reader)) >= reputationLimits.roomSourcesMax) continue
      const source = await subscribe(follower, feed.address, feed.key).catch((error: unknown) => {
        logger.info({ room, err: error }, 'a feed that a room names cannot be followed')
      })
      const number = (source as { source?: number } | undefined)?.source
      if (number !== undefined) sources.set(number, feed)
    }
    for (const source of await listSubscribed(store.reader, follower)) {
      if (!sources.has(source)) await unsubscribe(follower, source)
    }
    const subscriptions = [...sources].map(([source, { trust, mode }]) => ({ source, trust, mode }))
    await change(follower, (now) => {
      // It may have been written anew meanwhile: then this is done again.
      const isSame = JSON.stringify(now?.feeds) === JSON.stringify(kept?.feeds)
      return now === undefined || !isSame ? now : { ...now, subscriptions }
    })
  }

  const followSoon = (room: number) =>
    turns.run(room, () => follow(room)).catch((error) => logger.error({ room, err: error }, 'a room follows no feeds'))

  return {
    forgetRoomSights: sights.forgetSights,
    async followAll() {
      for (const follower of await listRoomLenses(store.reader)) await followSoon(-follower)
    },
    async putRoomLens(room, content) {
      const follower = followerOf(room)
      const policy = readRoomPolicy(content)
      const known = await find(follower)
      if (policy === undefined && known === undefined) return
      await change(follower, (now) => policy && { ...policy, subscriptions: now?.subscriptions ?? [] })
      // Not waited for: the journal goes on.
      void followSoon(room)
    },
    async openRoomLook(room) {
      const look = await sights.openLook(followerOf(room))
      return look && { ...look, judge: async (item) => inRoom(await look.judge(item), item.roomId) }
    },
    async requireSafeInRoom(room, item: SeenItem) {
      const verdict = await sights.judgeOne(followerOf(room), item)
      if (verdict?.action !== 'refuse') return
      const harms = verdict.class === 'severe' ? {} : { harms: [verdict.context] }
      throw new MatrixError('M_SAFETY', 'The moderators of this room refuse this. They can tell why.', harms)
    },
    async explainInRoom(room, asked) {
      const lens = await find(followerOf(room))
      if (lens === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such explanation.')
      return explainEntity(deps, followerOf(room), lens, asked)
    },
  }
}

/** The explanation is that of the room's lens. */
function inRoom(verdict: Verdict | undefined, roomId: string | undefined): Verdict | undefined {
  if (verdict === undefined) return undefined
  const text = Buffer.from(verdict.explanationId, 'base64url').toString('utf8')
  return { ...verdict, explanationId: Buffer.from(`${text}\0${roomId}`, 'utf8').toString('base64url') }
}
