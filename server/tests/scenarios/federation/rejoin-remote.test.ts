/** Rooms of another server that all of our users have left: what is known of them is old, and a join begins anew. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let ann: TestUser
let bob: TestUser
let carl: TestUser

before(async () => {
  one = await startFederated()
  two = await startFederated()
  ann = await one.register('ann')
  bob = await two.register('bob')
  carl = await two.register('carl')
})
after(async () => {
  await one.close()
  await two.close()
})

const makeRoom = async (request: object = {}): Promise<string> =>
  String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)

const join = (user: TestUser, roomId: string) =>
  user.call('POST', `join/${encode(roomId)}?via=${encode(one.serverName)}`)

async function stateOf(viewer: TestUser, roomId: string): Promise<Record<string, string>> {
  const state = (await viewer.ok('GET', `rooms/${encode(roomId)}/state`)) as AnyJson
  return Object.fromEntries(state.map((event: AnyJson) => [`${event.type} ${event.state_key}`, event.event_id]).sort())
}

const membershipOf = async (viewer: TestUser, roomId: string, user: TestUser) =>
  (await viewer.call('GET', `rooms/${encode(roomId)}/state/m.room.member/${encode(user.userId)}`)).body.membership

const seen = (viewer: TestUser, roomId: string, user: TestUser, membership: string) =>
  waitFor(`${user.userId} to be ${membership}`, async () =>
    (await membershipOf(viewer, roomId, user)) === membership ? true : undefined,
  )

describe('a room that was left', () => {
  for (const version of ['6', '11', '12']) {
    it(`is as it is now when it is joined again, version ${version}`, async () => {
      const roomId = await makeRoom({ room_version: version, name: 'Before' })
      assert.equal((await join(bob, roomId)).status, 200)
      await bob.ok('POST', `rooms/${encode(roomId)}/leave`)
      await seen(ann, roomId, bob, 'leave')
      const dora = await one.register(`dora${version}`)
      await dora.ok('POST', `join/${encode(roomId)}`)
      await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.name`, { name: 'After' })
      await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.topic`, { topic: 'New' })
      assert.equal((await join(bob, roomId)).status, 200)
      assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
      const { joined } = (await bob.ok('GET', `rooms/${encode(roomId)}/joined_members`)) as AnyJson
      assert.deepEqual(Object.keys(joined).sort(), [ann.userId, bob.userId, dora.userId].sort())
      const { rooms } = (await bob.ok('GET', 'sync')) as AnyJson
      assert.equal(rooms.join[roomId].summary['m.joined_member_count'], 3)
      const sent = await bob.ok('PUT', `rooms/${encode(roomId)}/send/m.room.message/1`, {
        msgtype: 'm.text',
        body: 'hi',
      })
      await waitFor('the message', async () => {
        const { status } = await ann.call('GET', `rooms/${encode(roomId)}/event/${encode(String(sent.event_id))}`)
        return status === 200 ? true : undefined
      })
    })
  }

  it('lets in whom it had banned, once the ban is over', async () => {
    const roomId = await makeRoom()
    assert.equal((await join(bob, roomId)).status, 200)
    await ann.ok('POST', `rooms/${encode(roomId)}/ban`, { user_id: bob.userId })
    await waitFor('the ban', async () =>
      ((await bob.ok('GET', 'joined_rooms')).joined_rooms as string[]).includes(roomId) ? undefined : true,
    )
    assert.equal(refusalOf(await join(bob, roomId)), '403 M_FORBIDDEN')
    await ann.ok('POST', `rooms/${encode(roomId)}/unban`, { user_id: bob.userId })
    assert.equal((await join(bob, roomId)).status, 200)
    assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
  })

  it('invites again: the invitation is shown, can be rejected and accepted', async () => {
    const roomId = await makeRoom({ preset: 'private_chat', invite: [bob.userId] })
    await bob.ok('POST', `join/${encode(roomId)}`)
    await bob.ok('POST', `rooms/${encode(roomId)}/leave`)
    await seen(ann, roomId, bob, 'leave')
    const invites = async () => ((await bob.ok('GET', 'sync')) as AnyJson).rooms?.invite ?? {}
    await ann.ok('POST', `rooms/${encode(roomId)}/invite`, { user_id: bob.userId })
    assert.ok((await invites())[roomId])
    await bob.ok('POST', `rooms/${encode(roomId)}/leave`)
    await seen(ann, roomId, bob, 'leave')
    assert.deepEqual(await invites(), {})
    await ann.ok('POST', `rooms/${encode(roomId)}/invite`, { user_id: bob.userId })
    assert.equal((await join(bob, roomId)).status, 200)
    assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
  })

  it('is joined by two at once', async () => {
    const roomId = await makeRoom()
    const joins = await Promise.all([join(bob, roomId), join(carl, roomId)])
    assert.deepEqual(
      joins.map(({ status }) => status),
      [200, 200],
    )
    const expected = await stateOf(ann, roomId)
    await waitFor('the same state', async () => {
      const state = await stateOf(carl, roomId)
      return JSON.stringify(state) === JSON.stringify(expected) ? true : undefined
    })
    await Promise.all([bob, carl].map((user) => user.ok('POST', `rooms/${encode(roomId)}/leave`)))
    await seen(ann, roomId, bob, 'leave')
    await seen(ann, roomId, carl, 'leave')
    const again = await Promise.all([join(bob, roomId), join(carl, roomId)])
    assert.deepEqual(
      again.map(({ status }) => status),
      [200, 200],
    )
    assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
  })
})
