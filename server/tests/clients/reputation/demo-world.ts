/** Three servers, five feeds and one room: what the demonstration of relative reputation plays in. */

import { parsePolicyRule, splitEntity } from '@parallax/reputation'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'

export const base = '/_parallax/reputation/v1'

export type DemoWorld = {
  readonly servers: { readonly garden: InProcess; readonly orchard: InProcess; readonly lighthouse: InProcess }
  readonly people: Record<'ada' | 'ben' | 'carol' | 'mallory' | 'olga' | 'lukas' | 'dora' | 'hank', TestUser>
  readonly roomId: string
  /** Addresses of the feeds, by what they are called. */
  readonly feeds: Map<string, string>
  readonly list: BanList
  close(): Promise<void>
}

/** A ban list in a room, as bots keep it today, and the feed that its keeper's script makes of it. */
export type BanList = {
  /** Reads the room and says, or takes back, what changed. */
  mirror(): Promise<void>
  unban(entity: string): Promise<void>
}

const contexts = [{ context: 'm.spam', meaning: 'Unasked-for advertising' }]

/** A public feed of a user; its ID. */
export async function publish(user: TestUser, name: string, kind: 'human' | 'mixed' = 'human'): Promise<string> {
  const description = { name, class: kind, contexts, contact: user.userId }
  return String((await user.ok('POST', `${base}/feeds`, { audience: 'public', description })).feed)
}

/** Where other servers read a feed. */
export function addressOf(server: InProcess, feed: string): string {
  return `https://${server.serverName}/_matrix/reputation/v1/feeds/${feed}`
}

/** Says what a feed thinks of users in `m.spam`. */
export async function say(user: TestUser, feed: string, opinions: readonly (readonly [string, number, number])[]) {
  const written = opinions.map(([entity, opinion, confidence]) => {
    return { kind: 'user', entity, context: 'm.spam', opinion, confidence }
  })
  return (await user.ok('POST', `${base}/feeds/${feed}/opinions`, { opinions: written })).ids as string[]
}

/** The room of a list, with a ban in it for each entity, and its feed. */
async function keepBanList(keeper: TestUser, feed: string, banned: readonly string[]): Promise<BanList> {
  const { room_id: roomId } = await keeper.ok('POST', 'createRoom', { preset: 'public_chat', name: 'Orchard bans' })
  const pathOf = (entity: string) => `rooms/${roomId}/state/m.policy.rule.user/${encodeURIComponent(`rule:${entity}`)}`
  for (const entity of banned) {
    await keeper.ok('PUT', pathOf(entity), { entity, reason: 'spam', recommendation: 'm.ban' })
  }
  const said = new Map<string, string>()
  type StateEvent = { type: string; content: Record<string, never>; origin_server_ts: number }
  return {
    async mirror() {
      const state = (await keeper.ok('GET', `rooms/${roomId}/state`)) as unknown as StateEvent[]
      const now = new Set<string>()
      for (const { type, content, origin_server_ts: issuedMs } of state) {
        const rule = parsePolicyRule({ type, content, issuedMs })
        if (rule?.target.form !== 'entity') continue
        const { id } = splitEntity(rule.target.entity)
        now.add(id)
        if (said.has(id)) continue
        const [view] = rule.views
        const [name] = await say(keeper, feed, [[id, view!.value * 100, Math.round(view!.confidence * 100)]])
        said.set(id, name!)
      }
      const gone = [...said].filter(([id]) => !now.has(id))
      if (gone.length === 0) return
      await keeper.ok('POST', `${base}/feeds/${feed}/end`, { ids: gone.map(([, name]) => name), forget: false })
      for (const [id] of gone) said.delete(id)
    },
    unban: async (entity) => void (await keeper.ok('PUT', pathOf(entity), {})),
  }
}

/** A publisher with a program of their own, whose rows nobody reads who has no ID to try. */
function publishSealed(fakes: FakeFeeds, nowMs: number, user: string): string {
  const feed = fakes.open('night-watch')
  feed.manifest = { ...feed.manifest, name: 'Night watch', tier: 'T1' }
  fakes.seal(feed, nowMs, user)
  return fakes.addressOf('night-watch')
}

/** Opens everything; nobody follows anything yet. */
export async function openDemoWorld(): Promise<DemoWorld> {
  const fakes = await startFakeFeeds()
  const yaml = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  const [garden, orchard, lighthouse] = [
    await startFederated(yaml),
    await startFederated(yaml),
    await startFederated(yaml),
  ]
  const [ada, ben, carol] = [await garden.register('ada'), await garden.register('ben'), await garden.register('carol')]
  const [mallory, olga] = [await orchard.register('mallory'), await orchard.register('olga')]
  const [lukas, dora, hank] = [
    await lighthouse.register('lukas'),
    await lighthouse.register('dora'),
    await lighthouse.register('hank'),
  ]
  await garden.program.components.administration.setAdmin('ada', true)
  const created = await ada.ok('POST', 'createRoom', { preset: 'public_chat', name: 'The garden', room_version: '11' })
  const roomId = String(created.room_id)
  for (const user of [ben, carol]) await user.ok('POST', `join/${roomId}`)
  for (const user of [mallory, dora]) await user.ok('POST', `join/${roomId}?server_name=${garden.serverName}`)

  const feeds = new Map<string, string>()
  const listFeed = await publish(olga, 'Orchard bans')
  feeds.set('Orchard bans', addressOf(orchard, listFeed))
  const list = await keepBanList(olga, listFeed, [mallory.userId, `@flood:${orchard.serverName}`])
  await list.mirror()
  const notes = await publish(lukas, 'Lighthouse notes')
  feeds.set('Lighthouse notes', addressOf(lighthouse, notes))
  await say(lukas, notes, [[mallory.userId, -80, 75]])
  const hostile = await publish(hank, 'Plain truth')
  feeds.set('Plain truth', addressOf(lighthouse, hostile))
  await say(hank, hostile, [
    [carol.userId, -100, 99],
    [mallory.userId, 100, 99],
  ])
  feeds.set('Night watch', publishSealed(fakes, garden.clock.nowMs(), mallory.userId))
  return {
    servers: { garden, orchard, lighthouse },
    people: { ada, ben, carol, mallory, olga, lukas, dora, hank },
    ...{ roomId, feeds, list },
    async close() {
      for (const server of [garden, orchard, lighthouse]) await server.close()
      fakes.close()
    },
  }
}
