/** A server, a feed origin, and a reader whose room has spam in it: what the viewpoint page is looked at with. */

import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'

export type LensWorld = {
  readonly server: InProcess
  readonly viewer: TestUser
  readonly spammer: TestUser
  readonly roomId: string
  readonly base: string
  /** Address of a feed that the reader does not follow yet. */
  readonly otherAddress: string
  close(): Promise<void>
}

/** The reader follows two feeds, which both call the spammer a spammer, and has chosen no lens. */
export async function startLensWorld(): Promise<LensWorld> {
  const base = '/_parallax/reputation/v1'
  const fakes: FakeFeeds = await startFakeFeeds()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  const server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
  const [viewer, friend, spammer] = [
    await server.register('viewer'),
    await server.register('friend'),
    await server.register('spammer'),
  ]
  const created = await viewer.ok('POST', 'createRoom', { preset: 'public_chat', name: 'The garden' })
  const roomId = String(created.room_id)
  for (const user of [friend, spammer]) await user.ok('POST', `join/${roomId}`)
  for (let number = 0; number < 24; number++) {
    const [user, body] = number % 4 === 3 ? [spammer, `Cheap pills, offer ${number}`] : [friend, `The beans ${number}`]
    await user.ok('PUT', `rooms/${roomId}/send/m.room.message/${number}`, { msgtype: 'm.text', body })
  }
  for (const name of ['garden-watch', 'east-list', 'west-list']) {
    const feed = fakes.open(name)
    fakes.say(feed, server.clock.nowMs(), [{ entity: spammer.userId }])
    if (name === 'west-list') continue
    await viewer.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })
  }
  return {
    ...{ server, viewer, spammer, roomId, base, otherAddress: fakes.addressOf('west-list') },
    async close() {
      await server.close()
      fakes.close()
    },
  }
}
