/** What users may know of rooms before joining, and which rooms they share. Spec: client-server-api#room-summaries. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

describe('room summaries', () => {
  let server: InProcess
  let ann: TestUser
  let bob: TestUser

  before(async () => {
    server = await startInProcess()
    ann = await server.register('ann')
    bob = await server.register('bob')
  })
  after(() => server.close())

  const path = (room: unknown) => `/_matrix/client/v1/room_summary/${encodeURIComponent(String(room))}`
  const make = async (body: object) => String((await ann.ok('POST', 'createRoom', body)).room_id)
  const state = (type: string, content: object) => ({ type, state_key: '', content })

  it('show an open room to anyone, by its alias too', async () => {
    const encryption = state('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
    const room = await make({
      preset: 'public_chat',
      name: 'Garden',
      topic: 'Roses',
      room_alias_name: 'garden',
      creation_content: { type: 'm.space' },
      initial_state: [encryption],
    })
    const summary = {
      room_id: room,
      name: 'Garden',
      topic: 'Roses',
      canonical_alias: '#garden:test.example',
      num_joined_members: 1,
      join_rule: 'public',
      guest_can_join: false,
      world_readable: false,
      room_type: 'm.space',
      room_version: '12',
      encryption: 'm.megolm.v1.aes-sha2',
    }
    assert.deepEqual((await server.call('GET', path(room))).body, summary)
    assert.deepEqual(await bob.ok('GET', `${path('#garden:test.example')}?via=a.example&via=b.example`), {
      ...summary,
      membership: 'leave',
    })
    assert.equal((await ann.ok('GET', path(room))).membership, 'join')
  })

  it('hide a closed room from those who are not in it', async () => {
    const room = await make({ preset: 'private_chat' })
    assert.equal(refusalOf(await bob.call('GET', path(room))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await server.call('GET', path(room))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await server.call('GET', path('#nothing:test.example'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await server.call('GET', path('garden'))), '400 M_INVALID_PARAM')
    await ann.ok('POST', `rooms/${room}/invite`, { user_id: bob.userId })
    assert.equal((await bob.ok('GET', path(room))).membership, 'invite')
  })

  it('show a world-readable room to anyone', async () => {
    const readable = state('m.room.history_visibility', { history_visibility: 'world_readable' })
    const room = await make({ preset: 'private_chat', initial_state: [readable] })
    const { body } = await server.call('GET', path(room))
    assert.deepEqual([body.join_rule, body.world_readable, body.membership], ['invite', true, undefined])
  })

  it('show a restricted room to members of the rooms that it allows', async () => {
    const hall = await make({ preset: 'public_chat' })
    const rules = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: hall }] }
    const room = await make({ preset: 'private_chat', initial_state: [state('m.room.join_rules', rules)] })
    assert.equal(refusalOf(await bob.call('GET', path(room))), '404 M_NOT_FOUND')
    await bob.ok('POST', `join/${hall}`)
    const summary = await bob.ok('GET', path(room))
    assert.deepEqual([summary.join_rule, summary.allowed_room_ids], ['restricted', [hall]])
  })
})

describe('mutual rooms', () => {
  let server: InProcess

  before(async () => {
    server = await startInProcess()
  })
  after(() => server.close())

  const path = '/_matrix/client/v1/mutual_rooms'
  const shared = (user: TestUser, other: string) => user.ok('GET', `${path}?user_id=${encodeURIComponent(other)}`)

  it('are those that both have joined', async () => {
    const [ann, bob] = [await server.register('ann'), await server.register('bob')]
    const make = async () => String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
    const [one, two, three] = [await make(), await make(), await make()]
    for (const room of [one, two, three]) await bob.ok('POST', `join/${room}`)
    await bob.ok('POST', `rooms/${two}/leave`)
    assert.deepEqual(await shared(ann, bob.userId), { joined: [one, three], count: 2 })
    assert.deepEqual(await shared(bob, ann.userId), { joined: [one, three], count: 2 })
    assert.deepEqual(await shared(ann, '@nobody:test.example'), { joined: [], count: 0 })
    const wrong = [`${path}?user_id=${ann.userId}`, `${path}?user_id=bob`, `${path}?user_id=${bob.userId}&from=x`]
    for (const query of wrong) assert.equal(refusalOf(await ann.call('GET', query)), '400 M_INVALID_PARAM', query)
    assert.equal(refusalOf(await ann.call('GET', path)), '400 M_MISSING_PARAM')
  })

  it('come in pages of a hundred', async () => {
    const [cleo, dan] = [await server.register('cleo'), await server.register('dan')]
    const rooms: string[] = []
    for (let index = 0; index < 101; index++) {
      rooms.push(String((await cleo.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id))
      await dan.ok('POST', `join/${rooms.at(-1)}`)
    }
    const first = await shared(cleo, dan.userId)
    assert.equal(first.count, 101)
    const next = await cleo.ok('GET', `${path}?user_id=${dan.userId}&from=${first.next_batch}`)
    assert.deepEqual([...(first.joined as string[]), ...(next.joined as string[])], rooms)
    assert.equal('next_batch' in next, false)
  })
})
