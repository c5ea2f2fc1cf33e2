/** Ours and Synapse while they cannot reach each other, or one is killed: afterwards they agree. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { waitFor } from '../kit/wait-for.ts'
import {
  type AnyJson,
  createRoom,
  findState,
  joinVia,
  type Pair,
  type PairUser,
  registerBeside,
  roomPath,
  say,
  setState,
  startPair,
  waitForAgreement,
  ways,
} from './pair.ts'

let pair: Pair

before(async () => {
  pair = await startPair()
})

beforeEach(() => pair.setConnected(true))

after(async () => {
  await pair?.close()
})

/** All events that the user can read back, by ID. */
async function readBack(user: PairUser, roomId: string): Promise<Map<string, AnyJson>> {
  const found = new Map<string, AnyJson>()
  for (let from: string | undefined = ''; from !== undefined; ) {
    const start: string = from === '' ? '' : `&from=${encodeURIComponent(from)}`
    const page: AnyJson = await user.call('GET', roomPath(roomId, `messages?dir=b&limit=100${start}`))
    for (const event of page.chunk) found.set(event.event_id, event)
    from = page.chunk.length > 0 ? page.end : undefined
  }
  return found
}

async function waitUntilAllRead(user: PairUser, roomId: string, eventIds: readonly string[]): Promise<void> {
  let missing: string[] = []
  await waitFor(
    `all events at ${user.userId}`,
    async () => {
      const found = await readBack(user, roomId)
      missing = eventIds.filter((id) => !found.has(id))
      return missing.length === 0 ? true : undefined
    },
    90_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; ${missing.length} of ${eventIds.length} are missing`)
  })
}

/** Both speak, so that each hears of the other's latest event. */
async function mend(roomId: string, users: readonly PairUser[]): Promise<string[]> {
  pair.setConnected(true)
  const said = await Promise.all(users.map((user) => say(user, roomId, 'are you there?')))
  await Promise.all(users.map((user) => waitUntilAllRead(user, roomId, said)))
  return said
}

for (const { way, of } of ways) {
  for (const version of ['6', '10', '11', '12']) {
    test(`${way}, version ${version}: both write while they are apart, and then agree`, async () => {
      const { here, there } = of(pair)
      const label = `${version}-${way.length}`
      const guest = await registerBeside(there, `guest-${label}`)
      const clerk = await registerBeside(here, `clerk-${label}`)
      const roomId = await createRoom(here, version, {
        power_level_content_override: {
          users: { ...(version === '12' ? {} : { [here.userId]: 100 }), [there.userId]: 100 },
        },
      })
      for (const user of [there, guest]) await joinVia(user, roomId, here)
      await clerk.call('POST', `join/${encodeURIComponent(roomId)}`, {})
      await waitForAgreement(here, there, roomId)
      pair.setConnected(false)
      const kept: string[] = []
      for (const user of [here, there]) {
        kept.push(
          await say(user, roomId, 'apart'),
          await setState(user, roomId, 'm.room.topic', { topic: user.userId }),
        )
      }
      const levels = await findState(here, roomId, 'm.room.power_levels')
      for (const [user, other] of [
        [here, clerk],
        [there, guest],
      ] as const) {
        const users = { ...levels.users, [other.userId]: 50 }
        await setState(user, roomId, 'm.room.power_levels', { ...levels, users })
      }
      await here.call('POST', roomPath(roomId, 'ban'), { user_id: guest.userId, reason: 'while away' })
      await setState(guest, roomId, 'm.room.member', { membership: 'join', displayname: 'Still here' }, guest.userId)
      await there.call('POST', roomPath(roomId, 'kick'), { user_id: clerk.userId })
      kept.push(await say(here, roomId, 'still apart'), await say(there, roomId, 'still apart'))
      kept.push(...(await mend(roomId, [here, there])))
      const state = await waitForAgreement(here, there, roomId)
      assert.equal(state.get(`m.room.member|${guest.userId}`).content.membership, 'ban')
      for (const user of [here, there]) await waitUntilAllRead(user, roomId, kept)
    })
  }

  test(`${way}: 500 messages of an outage are all read afterwards`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(here, '11')
    await joinVia(there, roomId, here)
    pair.setConnected(false)
    const said: string[] = []
    for (let count = 0; count < 500; count += 1) said.push(await say(here, roomId, `alone ${count}`))
    await mend(roomId, [here, there])
    await waitUntilAllRead(there, roomId, said)
    await waitForAgreement(here, there, roomId)
  })
}

for (const name of ['ours', 'synapse'] as const) {
  test(`${name} is killed while both write, and nothing acknowledged is lost`, async () => {
    const { ann, ben } = pair
    const roomId = await createRoom(ann, '11')
    await joinVia(ben, roomId, ann)
    const acknowledged: string[] = []
    for (let round = 0; round < 3; round += 1) {
      let isOver = false
      const write = async (user: PairUser): Promise<void> => {
        while (!isOver) {
          const written = await say(user, roomId, `round ${round}`).catch(() => undefined)
          if (written !== undefined) acknowledged.push(written)
          const topic = { topic: `${user.userId} ${acknowledged.length}` }
          await setState(user, roomId, 'm.room.name', topic).catch(() => undefined)
        }
      }
      const writing = Promise.all([write(ann), write(ben)])
      await waitFor('some messages', () => (acknowledged.length >= (round + 1) * 10 ? true : undefined))
      await pair[name].kill()
      await pair[name].start()
      isOver = true
      await writing
    }
    await mend(roomId, [ann, ben])
    for (const user of [ann, ben]) await waitUntilAllRead(user, roomId, acknowledged)
    await waitForAgreement(ann, ben, roomId)
  })
}
