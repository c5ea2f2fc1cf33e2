/** Users of ours join, leave, knock at and are invited to rooms of another server: two whole servers, over TLS. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { roomVersions } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let ann: TestUser
let bob: TestUser

before(async () => {
  one = await startFederated()
  two = await startFederated()
  ann = await one.register('ann')
  bob = await two.register('bob')
})
after(async () => {
  await one.close()
  await two.close()
})

async function makeRoom(request: object = {}): Promise<string> {
  return String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
}

const via = () => `via=${encode(one.serverName)}`
const membershipOf = async (viewer: TestUser, roomId: string, user: TestUser) =>
  (await viewer.call('GET', `rooms/${encode(roomId)}/state/m.room.member/${encode(user.userId)}`)).body.membership

async function stateOf(viewer: TestUser, roomId: string): Promise<string[]> {
  const state = (await viewer.ok('GET', `rooms/${encode(roomId)}/state`)) as AnyJson
  return state.map((event: AnyJson) => event.event_id).sort()
}

describe('a join of a room elsewhere', () => {
  for (const version of roomVersions.keys()) {
    it(`gives both servers the same state, version ${version}`, async () => {
      const roomId = await makeRoom({ room_version: version, name: `Version ${version}`, topic: 'joined' })
      assert.equal((await bob.ok('POST', `join/${encode(roomId)}?${via()}`)).room_id, roomId)
      assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
      assert.equal(await membershipOf(ann, roomId, bob), 'join')
      const { rooms } = (await bob.ok('GET', 'sync')) as AnyJson
      const { state, timeline, summary } = rooms.join[roomId]
      assert.ok([...state.events, ...timeline.events].some((event: AnyJson) => event.content.topic === 'joined'))
      assert.equal(summary['m.joined_member_count'], 2)
    })
  }

  it('goes by an alias, and by the server in the room’s ID', async () => {
    const roomId = await makeRoom({ room_alias_name: 'lobby', room_version: '10' })
    const alias = `#lobby:${one.serverName}`
    const found = (await bob.ok('GET', `directory/room/${encode(alias)}`)) as AnyJson
    assert.deepEqual([found.room_id, found.servers], [roomId, [one.serverName]])
    assert.equal((await bob.ok('POST', `join/${encode(alias)}`)).room_id, roomId)
    const carl = await two.register('carl')
    assert.equal((await carl.ok('POST', `join/${encode(roomId)}`)).room_id, roomId)
    const unknown = await bob.call('GET', `directory/room/${encode(`#none:${one.serverName}`)}`)
    assert.equal(refusalOf(unknown), '404 M_NOT_FOUND')
  })

  it('that is not allowed is refused with the reason; nothing of the room stays', async () => {
    const roomId = await makeRoom({ preset: 'private_chat' })
    const refused = await bob.call('POST', `join/${encode(roomId)}?${via()}`)
    assert.equal(refusalOf(refused), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await bob.call('GET', `rooms/${encode(roomId)}/state`)), '403 M_FORBIDDEN')
    const alone = await bob.call('POST', `join/${encode(await makeRoom())}`)
    assert.equal(refusalOf(alone), '404 M_NOT_FOUND')
    const silent = await bob.call('POST', `join/${encode(await makeRoom())}?via=localhost:1`)
    assert.equal(refusalOf(silent), '502 M_UNKNOWN')
  })

  it('asks the next server if one does not help; concurrent joins make one event', async () => {
    const roomId = await makeRoom()
    const path = `join/${encode(roomId)}?via=localhost:1&${via()}`
    const replies = await Promise.all([bob.ok('POST', path), bob.ok('POST', path), bob.ok('POST', path)])
    assert.deepEqual(new Set(replies.map((reply) => reply.room_id)), new Set([roomId]))
    assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
  })

  it('of a restricted room is vouched for by a server that can', async () => {
    const space = await makeRoom()
    await bob.ok('POST', `join/${encode(space)}?${via()}`)
    const rule = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: space }] }
    const initial = [{ type: 'm.room.join_rules', state_key: '', content: rule }]
    const roomId = await makeRoom({ preset: 'private_chat', initial_state: initial })
    await bob.ok('POST', `join/${encode(roomId)}?${via()}`)
    assert.equal(await membershipOf(ann, roomId, bob), 'join')
    const dora = await two.register('dora')
    assert.equal(refusalOf(await dora.call('POST', `join/${encode(roomId)}?${via()}`)), '403 M_FORBIDDEN')
  })

  it('is survived by a restart, after which the room goes on', async () => {
    const roomId = await makeRoom()
    await bob.ok('POST', `join/${encode(roomId)}?${via()}`)
    await two.restart()
    const message = { msgtype: 'm.text', body: 'still here' }
    await bob.ok('PUT', `rooms/${encode(roomId)}/send/m.room.message/1`, message)
    const page = (await bob.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=1`)) as AnyJson
    assert.equal(page.chunk[0].content.body, 'still here')
  })
})

describe('an invitation to a room elsewhere', () => {
  const invitesOf = async (user: TestUser): Promise<AnyJson> =>
    ((await user.ok('GET', 'sync')) as AnyJson).rooms?.invite ?? {}

  it('shows the room, and is accepted', async () => {
    const eve = await two.register('eve')
    const roomId = await makeRoom({ preset: 'private_chat', name: 'Come in' })
    await ann.ok('POST', `rooms/${encode(roomId)}/invite`, { user_id: eve.userId, reason: 'tea' })
    const { events } = (await invitesOf(eve))[roomId].invite_state
    assert.ok(events.some((event: AnyJson) => event.content.name === 'Come in'))
    assert.deepEqual([events.at(-1).content.membership, events.at(-1).content.reason], ['invite', 'tea'])
    await eve.ok('POST', `rooms/${encode(roomId)}/join`)
    assert.equal(await membershipOf(ann, roomId, eve), 'join')
  })

  it('is made with the room, and rejected', async () => {
    const fay = await two.register('fay')
    const roomId = await makeRoom({ preset: 'private_chat', invite: [fay.userId], is_direct: true })
    assert.equal((await invitesOf(fay))[roomId].invite_state.events.at(-1).content.is_direct, true)
    await fay.ok('POST', `rooms/${encode(roomId)}/leave`)
    assert.deepEqual(await invitesOf(fay), {})
    assert.equal(await membershipOf(ann, roomId, fay), 'leave')
  })

  it('of a server that is gone can be rejected all the same', async () => {
    const gone = await startFederated()
    const hal = await gone.register('hal')
    const gus = await two.register('gus')
    const { room_id: roomId } = await hal.ok('POST', 'createRoom', { preset: 'private_chat', invite: [gus.userId] })
    assert.ok((await invitesOf(gus))[String(roomId)])
    await gone.close()
    await gus.ok('POST', `rooms/${encode(String(roomId))}/leave`)
    assert.deepEqual(await invitesOf(gus), {})
  })

  it('is refused by who takes none, and by servers that do not exist', async () => {
    const ida = await two.register('ida')
    await ida.ok('PUT', `user/${ida.userId}/account_data/m.invite_permission_config`, { default_action: 'block' })
    const roomId = await makeRoom({ preset: 'private_chat' })
    const blocked = await ann.call('POST', `rooms/${encode(roomId)}/invite`, { user_id: ida.userId })
    assert.equal(refusalOf(blocked), '403 M_INVITE_BLOCKED')
    const nobody = await ann.call('POST', `rooms/${encode(roomId)}/invite`, { user_id: '@x:localhost:1' })
    assert.equal(refusalOf(nobody), '502 M_UNKNOWN')
  })
})

describe('other things elsewhere', () => {
  // The IDs of rooms of version 12 name no server.
  for (const version of ['11', '12'])
    it(`one knocks at a room, and takes it back, version ${version}`, async () => {
      const roomId = await makeRoom({ name: 'Knock', room_version: version })
      await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.join_rules`, { join_rule: 'knock' })
      const jim = await two.register(`jim${version}`)
      await jim.ok('POST', `knock/${encode(roomId)}?${via()}`, { reason: 'please' })
      assert.equal(await membershipOf(ann, roomId, jim), 'knock')
      const { rooms } = (await jim.ok('GET', 'sync')) as AnyJson
      assert.ok(rooms.knock[roomId].knock_state.events.some((event: AnyJson) => event.content.name === 'Knock'))
      await jim.ok('POST', `rooms/${encode(roomId)}/leave`)
      assert.equal(await membershipOf(ann, roomId, jim), 'leave')
    })

  it('one sees the public rooms and profiles of another server', async () => {
    const roomId = await makeRoom({ visibility: 'public', name: 'Listed' })
    const { chunk } = (await bob.ok('GET', `publicRooms?server=${encode(one.serverName)}`)) as AnyJson
    assert.ok(chunk.some((room: AnyJson) => room.room_id === roomId && room.name === 'Listed'))
    await ann.ok('PUT', `profile/${ann.userId}/displayname`, { displayname: 'Ann from afar' })
    const profile = await bob.ok('GET', `profile/${encode(ann.userId)}`)
    assert.equal(profile.displayname, 'Ann from afar')
    const nobody = await bob.call('GET', `profile/${encode(`@nobody:${one.serverName}`)}`)
    assert.equal(refusalOf(nobody), '404 M_NOT_FOUND')
  })
})
