/** Sliding sync as clients use it: lists, subscriptions, what a room says, recovery. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
before(async () => {
  server = await startInProcess()
})
after(async () => {
  await server.close()
  await endTestStores()
})

const stable = '/_matrix/client/v4/sync'
const unstable = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
const all = (more: object = {}) => ({
  lists: { all: { range: [0, 99], timeline_limit: 5, required_state: {}, ...more } },
})

const ask = async (user: TestUser, body: object): Promise<AnyJson> => user.ok('POST', stable, body)
const refusal = async (user: TestUser, body: object, path = stable) => {
  const { status, body: reply } = await user.call('POST', path, body)
  return `${status} ${reply.errcode}`
}
let count = 0
const fresh = (name: string) => server.register(`${name}${++count}`)
const makeRoom = async (user: TestUser, body: object = {}) =>
  String((await user.ok('POST', 'createRoom', { preset: 'public_chat', ...body })).room_id)
const say = async (user: TestUser, roomId: string, body: string) =>
  String((await user.ok('PUT', `rooms/${roomId}/send/m.room.message/${++count}`, { msgtype: 'm.text', body })).event_id)
const bodies = (room: AnyJson) => room.timeline_events.flatMap(({ content }: AnyJson) => content.body ?? [])

test('a list shows a window of the rooms, those with the newest activity first', async () => {
  const amy = await fresh('amy')
  const rooms = [await makeRoom(amy), await makeRoom(amy), await makeRoom(amy, { name: 'Third' })]
  await say(amy, rooms[0]!, 'latest')
  const first = await ask(amy, all({ range: [0, 1] }))
  assert.deepEqual(first.lists, { all: { count: 3 } })
  assert.deepEqual(Object.keys(first.rooms), [rooms[0], rooms[2]])
  const third = first.rooms[rooms[2]!]
  assert.deepEqual(
    [third.name, third.initial, third.membership, third.lists, third.joined_count, third.heroes],
    ['Third', true, 'join', ['all'], 1, undefined],
  )
  assert.deepEqual(bodies(first.rooms[rooms[0]!]), ['latest'])
  assert.ok(first.rooms[rooms[0]!].bump_stamp > third.bump_stamp)
  const wider = await ask(amy, { ...all(), pos: first.pos })
  assert.deepEqual(Object.keys(wider.rooms), [rooms[1]])
  assert.deepEqual((await ask(amy, { ...all(), pos: wider.pos })).rooms, {})
})

test('a room is told again when something happens in it, and only what is new', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const room = await makeRoom(amy, { name: 'Before', topic: 'about' })
  await bob.ok('POST', `join/${room}`)
  const wanted = all({ required_state: { include: [{ type: 'm.room.topic', state_key: '' }] } })
  const first = await ask(amy, wanted)
  assert.deepEqual(
    first.rooms[room].required_state.map((event: AnyJson) => event.content.topic),
    ['about'],
  )
  const waiting = ask(amy, { ...wanted, pos: first.pos, timeout: 20_000 })
  await say(bob, room, 'news')
  const next = await waiting
  const { timeline_events: events, bump_stamp: bump, prev_batch: before, ...rest } = next.rooms[room]
  assert.equal(events[0].content.body, 'news')
  assert.ok(bump > 0 && typeof before === 'string')
  assert.deepEqual(rest, {
    membership: 'join',
    lists: ['all'],
    limited: false,
    num_live: 1,
    notification_count: 1,
    highlight_count: 0,
  })
  await amy.ok('PUT', `rooms/${room}/state/m.room.name`, {})
  await amy.ok('PUT', `rooms/${room}/state/m.room.avatar`, { url: 'mxc://test.example/picture' })
  const renamed = (await ask(amy, { ...wanted, pos: next.pos })).rooms[room]
  assert.deepEqual([renamed.name, renamed.avatar], [null, 'mxc://test.example/picture'])
  assert.deepEqual(
    renamed.heroes.map((hero: AnyJson) => hero.user_id),
    [bob.userId],
  )
})

test('more of a timeline, or other state, comes at once when the client asks for it', async () => {
  const amy = await fresh('amy')
  const room = await makeRoom(amy, { name: 'Room' })
  for (const body of ['one', 'two', 'three']) await say(amy, room, body)
  const first = await ask(amy, all({ timeline_limit: 1 }))
  assert.deepEqual([bodies(first.rooms[room]), first.rooms[room].limited], [['three'], true])
  const more = all({
    timeline_limit: 3,
    required_state: { include: [{}], exclude: [{ type: 'm.room.member' }, { type: 'm.room.create', state_key: '' }] },
  })
  const second = (await ask(amy, { ...more, pos: first.pos, timeout: 20_000 })).rooms[room]
  assert.equal(second.expanded_timeline, true)
  assert.deepEqual([bodies(second), second.num_live], [['one', 'two', 'three'], 0])
  const types = second.required_state.map((event: AnyJson) => event.type)
  assert.ok(types.includes('m.room.name') && !types.includes('m.room.member') && !types.includes('m.room.create'))
})

test('a subscription tells of a room outside the window; of others’ rooms it tells nothing', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const [old, _] = [await makeRoom(amy), await makeRoom(amy)]
  const foreign = await makeRoom(bob)
  const rule = { timeline_limit: 2, required_state: {} }
  const body = { ...all({ range: [0, 0] }), room_subscriptions: { [old!]: rule, [foreign]: rule, '!none:x.org': rule } }
  const reply = await ask(amy, body)
  assert.equal(Object.keys(reply.rooms).length, 2)
  assert.equal(reply.rooms[old!].lists, undefined)
  assert.equal(reply.rooms[foreign], undefined)
})

test('invites come with stripped state, kicks are told; bans from outside and rooms left before are not', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const [invited, kicked, left, banned] = [
    await makeRoom(amy, { name: 'Come in', preset: 'private_chat' }),
    await makeRoom(amy),
    await makeRoom(amy),
    await makeRoom(amy),
  ]
  await amy.ok('POST', `rooms/${invited}/invite`, { user_id: bob.userId })
  for (const room of [kicked, left]) await bob.ok('POST', `join/${room}`)
  const first = await ask(bob, all())
  const state = first.rooms[invited!].stripped_state
  assert.deepEqual([state.at(-1).state_key, first.rooms[invited!].membership], [bob.userId, 'invite'])
  assert.ok(state.some((event: AnyJson) => event.content.name === 'Come in'))
  await amy.ok('POST', `rooms/${kicked}/kick`, { user_id: bob.userId, reason: 'so' })
  await say(amy, kicked!, 'not for bob')
  await bob.ok('POST', `rooms/${left}/leave`)
  await amy.ok('POST', `rooms/${banned}/ban`, { user_id: bob.userId })
  const next = await ask(bob, { ...all(), pos: first.pos })
  assert.deepEqual(Object.keys(next.rooms).sort(), [kicked, left].sort())
  assert.deepEqual(next.rooms[kicked!].timeline_events.at(-1).content, { membership: 'leave', reason: 'so' })
  assert.equal(next.rooms[left!].membership, 'leave')
  const anew = await ask(bob, { ...all(), conn_id: 'other' })
  assert.deepEqual(Object.keys(anew.rooms).sort(), [invited, kicked].sort())
})

test('filters choose rooms', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const encryption = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }
  const names: Record<string, string> = {}
  const add = async (name: string, room: string) => {
    names[room] = name
    return room
  }
  const plain = await add('plain', await makeRoom(amy))
  await add('secret', await makeRoom(amy, { initial_state: [encryption] }))
  const direct = await add('direct', await makeRoom(amy))
  const space = await add('space', await makeRoom(amy, { creation_content: { type: 'm.space' } }))
  await add('invite', await makeRoom(bob, { invite: [amy.userId] }))
  await amy.ok('PUT', `user/${amy.userId}/account_data/m.direct`, { [bob.userId]: [direct] })
  await amy.ok('PUT', `rooms/${space}/state/m.space.child/${plain}`, { via: ['test.example'] })
  await amy.ok('PUT', `user/${amy.userId}/rooms/${plain}/tags/m.favourite`, {})
  const cases: [object, string[]][] = [
    [{ is_dm: true }, ['direct']],
    [{ is_encrypted: true }, ['secret']],
    [{ is_invited: true }, ['invite']],
    [{ is_invite: false, is_dm: false, is_encrypted: false }, ['plain', 'space']],
    [{ room_types: ['m.space'] }, ['space']],
    [{ room_types: [null], not_room_types: ['m.space'], is_invited: false }, ['direct', 'plain', 'secret']],
    [{ spaces: [space, '!none:x.org'] }, ['plain']],
    [{ tags: ['m.favourite'] }, ['plain']],
    [{ not_tags: ['m.favourite'], is_invited: false, room_types: [null] }, ['direct', 'secret']],
  ]
  for (const [filters, expected] of cases) {
    const reply = await ask(amy, { ...all({ filters }), conn_id: `filter${++count}` })
    const found = Object.keys(reply.rooms).map((room) => names[room])
    assert.deepEqual([found.sort(), reply.lists.all.count], [expected, expected.length], JSON.stringify(filters))
  }
  const first = await ask(amy, all())
  assert.deepEqual([first.rooms[direct].is_dm, first.rooms[plain].is_dm], [true, undefined])
  await amy.ok('PUT', `user/${amy.userId}/account_data/m.direct`, { [bob.userId]: [plain] })
  const next = await ask(amy, { ...all(), pos: first.pos })
  assert.deepEqual([next.rooms[direct].is_dm, next.rooms[plain].is_dm], [false, true])
})

test('lazy members are those who speak; the older form of a request means the same', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const cleo = await fresh('cleo')
  const room = await makeRoom(amy)
  for (const user of [bob, cleo]) await user.ok('POST', `join/${room}`)
  await say(bob, room, 'hello')
  const membersOf = (result: AnyJson) =>
    result.required_state
      .filter((event: AnyJson) => event.type === 'm.room.member')
      .map((event: AnyJson) => event.state_key)
  const lazy = await ask(amy, all({ timeline_limit: 1, required_state: { include: [{}], lazy_members: true } }))
  assert.deepEqual(membersOf(lazy.rooms[room]), [bob.userId])
  const pairs = [
    ['m.room.member', '$LAZY'],
    ['m.room.member', '$ME'],
    ['m.room.create', ''],
  ]
  const lists = { all: { ranges: [[0, 9]], timeline_limit: 1, required_state: pairs } }
  const old: AnyJson = await amy.ok('POST', `${unstable}?timeout=0`, { conn_id: 'old', lists, txn_id: 'mine' })
  assert.equal(old.txn_id, 'mine')
  assert.deepEqual(membersOf(old.rooms[room]).sort(), [amy.userId, bob.userId].sort())
  assert.equal(old.rooms[room].timeline[0].content.body, 'hello')
  await say(cleo, room, 'me too')
  const next: AnyJson = await amy.ok('POST', `${unstable}?pos=${encodeURIComponent(old.pos)}`, {
    conn_id: 'old',
    lists,
  })
  assert.deepEqual(membersOf(next.rooms[room]), [cleo.userId])
})

test('a lost reply is told again; who follows no connection of ours starts anew', async () => {
  const amy = await fresh('amy')
  const bob = await fresh('bob')
  const room = await makeRoom(amy)
  const first = await ask(amy, all())
  await say(amy, room, 'one')
  const lost = await ask(amy, { ...all(), pos: first.pos })
  const again = await ask(amy, { ...all(), pos: first.pos })
  assert.deepEqual([bodies(lost.rooms[room]), bodies(again.rooms[room])], [['one'], ['one']])
  assert.equal(await refusal(amy, { ...all(), pos: lost.pos }), '400 M_UNKNOWN_POS')
  const next = await ask(amy, { ...all(), pos: again.pos })
  assert.deepEqual(next.rooms, {})
  assert.equal(await refusal(bob, { ...all(), pos: next.pos }), '400 M_UNKNOWN_POS')
  assert.equal(await refusal(amy, { ...all(), pos: 's1' }), '400 M_UNKNOWN_POS')
  assert.equal(await refusal(amy, { ...all(), pos: next.pos.replace(/^s\d+/, 's99999999') }), '400 M_UNKNOWN_POS')
  await server.restart()
  await say(amy, room, 'two')
  assert.deepEqual(bodies((await ask(amy, { ...all(), pos: next.pos })).rooms[room]), ['two'])
  const page = await amy.ok('GET', `rooms/${room}/messages?dir=b&limit=1&from=${encodeURIComponent(next.pos)}`)
  assert.equal((page.chunk as AnyJson)[0].content.body, 'one')
  const other = await ask(amy, all())
  assert.ok(other.rooms[room].initial)
  assert.equal(await refusal(amy, { ...all(), pos: next.pos }), '400 M_UNKNOWN_POS')
})

test('of very many connections of a device the oldest are forgotten', async () => {
  const amy = await fresh('amy')
  const first = await ask(amy, { ...all(), conn_id: 'first' })
  await server.restart()
  for (let number = 0; number < 32; number++) await ask(amy, { ...all(), conn_id: `c${number}` })
  await server.restart()
  assert.equal(await refusal(amy, { ...all(), conn_id: 'first', pos: first.pos }), '400 M_UNKNOWN_POS')
})

test('what is malformed is refused', async () => {
  const amy = await fresh('amy')
  const list = (more: object) => refusal(amy, all(more))
  assert.equal(await refusal(amy, { lists: [] }), '400 M_BAD_JSON')
  assert.equal(await refusal(amy, { lists: { 'a b': {} } }), '400 M_INVALID_PARAM')
  assert.equal(await refusal(amy, { lists: { a: {} } }), '400 M_MISSING_PARAM')
  assert.equal(await list({ timeline_limit: -1 }), '400 M_BAD_JSON')
  assert.equal(await list({ range: [5, 1] }), '400 M_INVALID_PARAM')
  assert.equal(await list({ range: [1] }), '400 M_INVALID_PARAM')
  assert.equal(await list({ required_state: [['m.room.name']] }), '400 M_BAD_JSON')
  assert.equal(await list({ required_state: { include: 'all' } }), '400 M_BAD_JSON')
  assert.equal(await list({ filters: { is_dm: 'yes' } }), '400 M_BAD_JSON')
  assert.equal(await refusal(amy, { set_presence: 'dancing' }), '400 M_INVALID_PARAM')
  assert.equal(await refusal(amy, { conn_id: 'x'.repeat(300) }), '400 M_INVALID_PARAM')
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`l${index}`, all().lists.all]))
  assert.equal(await refusal(amy, { lists: many }), '400 M_INVALID_PARAM')
  const extensions = { to_device: { enabled: true, since: 'x' } }
  assert.equal(await refusal(amy, { extensions }), '400 M_INVALID_PARAM')
  assert.equal((await server.call('POST', stable, { body: {} })).status, 401)
})
