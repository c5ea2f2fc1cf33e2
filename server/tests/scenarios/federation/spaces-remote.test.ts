/** Spaces and summaries of rooms that nobody here is in. Spec: client-server-api#spaces. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject, JsonValue } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let peer: Peer
let ann: TestUser
let bob: TestUser
let carl: TestUser

before(async () => {
  one = await startFederated()
  two = await startFederated()
  peer = await startPeer()
  ann = await one.register('ann')
  bob = await two.register('bob')
  carl = await two.register('carl')
})
after(async () => {
  await one.close()
  await two.close()
  await peer.close()
})

async function make(user: TestUser, name: string, request: object = {}): Promise<string> {
  return String((await user.ok('POST', 'createRoom', { preset: 'public_chat', name, ...request })).room_id)
}

const makeSpace = (user: TestUser, name: string) => make(user, name, { creation_content: { type: 'm.space' } })
const addChild = (user: TestUser, space: string, child: string, via: string, more: object = {}) =>
  user.ok('PUT', `rooms/${encode(space)}/state/m.space.child/${encode(child)}`, { via: [via], ...more })

const tree = (user: TestUser, space: string, query = '') =>
  user.call('GET', `/_matrix/client/v1/rooms/${encode(space)}/hierarchy?${query}`)
const namesOf = ({ body }: { body: JsonObject }) => (body.rooms as JsonObject[]).map(({ name }) => name)

describe('a space', () => {
  it('leads to rooms of other servers, as far as one may know them', async () => {
    const top = await makeSpace(bob, 'top')
    const inner = await makeSpace(ann, 'inner')
    const leaf = await make(ann, 'leaf')
    const closed = await make(ann, 'closed', { preset: 'private_chat' })
    const ours = await make(bob, 'ours')
    await addChild(bob, top, inner, one.serverName, { order: 'a' })
    await addChild(bob, top, leaf, one.serverName, { order: 'b' })
    await addChild(ann, inner, closed, one.serverName, { order: 'a' })
    await addChild(ann, inner, ours, two.serverName, { order: 'b' })
    await addChild(ann, inner, top, two.serverName, { order: 'c' })
    const deepest = await make(ann, 'deepest')
    await addChild(ann, inner, deepest, one.serverName, { order: 'd' })
    assert.deepEqual(namesOf(await tree(bob, top)), ['top', 'inner', 'ours', 'deepest', 'leaf'])
    assert.deepEqual(namesOf(await tree(bob, top, 'max_depth=1')), ['top', 'inner', 'leaf'])
    const first = await tree(bob, top, 'limit=3')
    const next = await tree(bob, top, `limit=3&from=${first.body.next_batch}`)
    assert.deepEqual([...namesOf(first), ...namesOf(next)], ['top', 'inner', 'ours', 'deepest', 'leaf'])
    const [, innerRoom] = (await tree(bob, top)).body.rooms as [JsonObject, JsonObject]
    assert.deepEqual(
      (innerRoom.children_state as JsonObject[]).map(({ state_key: key }) => key),
      [closed, ours, top, deepest],
    )
    await one.restart()
    assert.deepEqual(namesOf(await tree(bob, top)), ['top', 'inner', 'ours', 'deepest', 'leaf'])
  })

  it('of another server is shown to who is invited, and to nobody else', async () => {
    const space = await make(ann, 'secret', {
      ...{ preset: 'private_chat', creation_content: { type: 'm.space' }, room_version: '11' },
      invite: [carl.userId],
    })
    assert.deepEqual(namesOf(await tree(carl, space)), ['secret'])
    assert.equal(refusalOf(await tree(bob, space)), '403 M_FORBIDDEN')
  })

  it('shows nothing of a server that tells of other rooms, or nonsense', async () => {
    const top = await makeSpace(bob, 'top')
    const known = await make(ann, 'known')
    await addChild(bob, top, known, peer.name, { order: 'a' })
    for (const id of ['!b', '!c', '!d', '!e', '!f']) await addChild(bob, top, `${id}:${peer.name}`, peer.name)
    const entry = { num_joined_members: 1, world_readable: true, guest_can_join: false, join_rule: 'public' }
    const answers: Record<string, JsonValue> = {
      [known]: { room: { ...entry, room_id: '!other:example.org', name: 'other', children_state: [] } },
      [`!b:${peer.name}`]: { room: 7 },
      [`!c:${peer.name}`]: [],
      [`!d:${peer.name}`]: {
        room: { ...entry, room_id: `!d:${peer.name}`, name: 'right', topic: 7, join_rule: {}, children_state: [7, {}] },
      },
      [`!e:${peer.name}`]: { room: { room_id: `!e:${peer.name}`, name: 'closed', join_rule: 'invite' } },
      [`!f:${peer.name}`]: {
        room: {
          ...{ ...entry, room_id: `!f:${peer.name}`, name: 'space', room_type: 'm.space' },
          children_state: [{ type: 'm.space.child', state_key: known, sender: 7, content: {}, origin_server_ts: 'x' }],
        },
        children: [7, { room_id: 7 }, { ...entry, room_id: known, name: 'lie' }],
        inaccessible_children: 7,
      },
    }
    peer.answer = ({ path }) => {
      const roomId = decodeURIComponent(path.split('?')[0]!.split('/').at(-1)!)
      return { status: 200, body: answers[roomId] ?? {} }
    }
    const reply = await tree(bob, top)
    assert.deepEqual(namesOf(reply).sort(), ['right', 'space', 'top'])
    const right = (reply.body.rooms as JsonObject[]).find(({ name }) => name === 'right')!
    assert.deepEqual([right.topic, right.join_rule, right.children_state], [undefined, 'public', []])
  })
})

describe('the summary of a room elsewhere', () => {
  const summary = (user: TestUser, room: string, via = one.serverName) =>
    user.call('GET', `/_matrix/client/v1/room_summary/${encode(room)}?via=${encode(via)}`)

  it('is told to those who may know of it', async () => {
    const roomId = await make(ann, 'far', { room_alias_name: 'far', topic: 'away' })
    const { status, body } = await summary(bob, roomId)
    assert.deepEqual(
      [status, body.name, body.topic, body.membership, body.num_joined_members],
      [200, 'far', 'away', 'leave', 1],
    )
    assert.equal((await summary(bob, `#far:${one.serverName}`)).body.name, 'far')
    const secret = await make(ann, 'secret', { preset: 'private_chat' })
    assert.equal(refusalOf(await summary(bob, secret)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await summary(bob, roomId, 'localhost:1')), '404 M_NOT_FOUND')
    assert.equal(
      refusalOf(await two.call('GET', `/_matrix/client/v1/room_summary/${encode(roomId)}`)),
      '404 M_NOT_FOUND',
    )
    await ann.ok('POST', `rooms/${encode(secret)}/invite`, { user_id: carl.userId })
    assert.equal((await summary(carl, secret)).body.membership, 'invite')
    assert.equal(refusalOf(await summary(bob, secret)), '404 M_NOT_FOUND')
  })

  it('of a restricted room is told to members of the rooms that it names', async () => {
    const club = await make(ann, 'club')
    await bob.ok('POST', `join/${encode(club)}?via=${encode(one.serverName)}`)
    const rule = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: club }] }
    const initial = [{ type: 'm.room.join_rules', state_key: '', content: rule }]
    const roomId = await make(ann, 'back room', { preset: 'private_chat', initial_state: initial })
    assert.equal((await summary(bob, roomId)).body.name, 'back room')
    assert.equal(refusalOf(await summary(carl, roomId)), '404 M_NOT_FOUND')
  })
})
