/** The user directory: who is found by whom, by which words. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess

before(async () => {
  server = await startInProcess()
})

after(async () => {
  await server.close()
  await endTestStores()
})

type Found = { user_id: string; display_name?: string; avatar_url?: string }

async function search(user: TestUser, term: string, more: object = {}): Promise<{ users: string[]; limited: unknown }> {
  const body = await user.ok('POST', 'user_directory/search', { search_term: term, ...more })
  return { users: (body.results as Found[]).map(({ user_id: id }) => id), limited: body.limited }
}

async function findNames(user: TestUser, term: string): Promise<(string | undefined)[]> {
  const body = await user.ok('POST', 'user_directory/search', { search_term: term })
  return (body.results as Found[]).map(({ display_name: name }) => name)
}

async function makeUser(localpart: string, name?: string): Promise<TestUser> {
  const user = await server.register(localpart)
  if (name !== undefined) await user.ok('PUT', `profile/${user.userId}/displayname`, { displayname: name })
  return user
}

async function makeRoom(user: TestUser, more: object = {}): Promise<string> {
  return String((await user.ok('POST', 'createRoom', more)).room_id)
}

test('finds who shares a room or is in one that is open to all, and nobody else', async () => {
  const [amy, ben] = [await makeUser('open-amy', 'Visible Amy'), await makeUser('open-ben', 'Visible Ben')]
  const cleo = await makeUser('open-cleo', 'Visible Cleo')
  assert.deepEqual(await findNames(ben, 'visible'), [])
  const roomId = await makeRoom(amy, { invite: [ben.userId] })
  assert.deepEqual(await findNames(ben, 'visible'), [], 'an invite is not a room in common')
  await ben.ok('POST', `join/${roomId}`)
  assert.deepEqual(await findNames(ben, 'visible'), ['Visible Amy'])
  assert.deepEqual(await findNames(cleo, 'visible'), [])
  const open = await makeRoom(amy, { preset: 'public_chat' })
  assert.deepEqual(await findNames(cleo, 'visible'), ['Visible Amy'])
  await amy.ok('PUT', `rooms/${open}/state/m.room.join_rules`, { join_rule: 'invite' })
  assert.deepEqual(await findNames(cleo, 'visible'), [])
  await amy.ok('PUT', `rooms/${open}/state/m.room.history_visibility`, { history_visibility: 'world_readable' })
  assert.deepEqual(await findNames(cleo, 'visible'), ['Visible Amy'])
  await amy.ok('POST', `rooms/${open}/leave`)
  assert.deepEqual(await findNames(cleo, 'visible'), [])
})

test('does not tell or match a name that a user has in one room', async () => {
  const amy = await makeUser('private-amy', 'Alice Cooper')
  const [ben, eve] = [await makeUser('private-ben'), await makeUser('private-eve')]
  await makeRoom(amy, { visibility: 'public', preset: 'public_chat' })
  const roomId = await makeRoom(ben, { invite: [amy.userId] })
  await amy.ok('POST', `join/${roomId}`)
  const member = { displayname: 'Freddy', membership: 'join' }
  await amy.ok('PUT', `rooms/${roomId}/state/m.room.member/${amy.userId}`, member)
  for (const user of [ben, eve]) {
    assert.deepEqual(await findNames(user, 'Freddy'), [])
    assert.deepEqual(await findNames(user, 'Alice Cooper'), ['Alice Cooper'])
    assert.deepEqual(await findNames(user, amy.userId), ['Alice Cooper'])
  }
})

test('matches beginnings of words without case and accents, and any part of texts without spaces', async () => {
  const amy = await makeUser('words-amy')
  const roomId = await makeRoom(amy, { preset: 'public_chat' })
  const names = ['Zoë Müller-Straße', '李小龍', 'さくら もも', 'Ωmega ΆΛΦΑ', 'Łukasz 🦊']
  const users: TestUser[] = []
  for (const [index, name] of names.entries()) {
    const user = await makeUser(`words.user${index}`, name)
    await user.ok('POST', `join/${roomId}`)
    users.push(user)
  }
  const expected: [string, number[]][] = [
    ['zoe', [0]],
    ['MULL', [0]],
    ['strasse zo', [0]],
    ['üller', []],
    ['ller', []],
    ['小龍', [1]],
    ['龍', [1]],
    ['龍小', []],
    ['くら', [2]],
    ['αλφα', [3]],
    ['lukasz', [4]],
    ['🦊', [4]],
    ['words', [0, 1, 2, 3, 4]],
    ['user3', [3]],
    ['user3 zoe', []],
    [`@words.user3`, [3]],
    [`@words.user3:test`, [3]],
    [`@words.user3:other`, []],
    ['%', []],
    ['', []],
  ]
  for (const [term, indexes] of expected) {
    const found = (await search(amy, term)).users.sort()
    assert.deepEqual(
      found,
      indexes.map((index) => users[index]!.userId),
      term,
    )
  }
})

test('follows changes of names and forgets who is deactivated or locked', async () => {
  const [amy, ben] = [await makeUser('changing-amy'), await makeUser('changing-ben', 'Before')]
  const roomId = await makeRoom(amy, { preset: 'public_chat' })
  await ben.ok('POST', `join/${roomId}`)
  assert.deepEqual(await findNames(amy, 'before'), ['Before'])
  await ben.ok('PUT', `profile/${ben.userId}/displayname`, { displayname: 'Afterwards' })
  await ben.ok('PUT', `profile/${ben.userId}/avatar_url`, { avatar_url: 'mxc://test.example/face' })
  assert.deepEqual(await findNames(amy, 'before'), [])
  const { results } = await amy.ok('POST', 'user_directory/search', { search_term: 'after' })
  const face = { user_id: ben.userId, display_name: 'Afterwards', avatar_url: 'mxc://test.example/face' }
  assert.deepEqual(results, [face])
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: ben.userId } }
  const { body } = await ben.call('POST', 'account/deactivate', {})
  const full = { ...auth, password: ben.password, session: body.session }
  await ben.ok('POST', 'account/deactivate', { auth: full })
  assert.deepEqual((await search(amy, 'changing-ben')).users, [])
  assert.deepEqual(await findNames(amy, 'after'), [])
})

test('answers at most the limit, those who share a room first, and says that there are more', async () => {
  const amy = await makeUser('many-amy')
  const open = await makeRoom(await makeUser('many-host', 'Crowd host'), { preset: 'public_chat' })
  for (let index = 0; index < 12; index++) {
    await (await makeUser(`many${index}`, 'Crowd')).ok('POST', `join/${open}`)
  }
  const friend = await makeUser('many-friend', 'Crowd')
  const roomId = await makeRoom(amy, { invite: [friend.userId] })
  await friend.ok('POST', `join/${roomId}`)
  const usual = await search(amy, 'crowd')
  assert.deepEqual([usual.users.length, usual.limited, usual.users[0]], [10, true, friend.userId])
  const all = await search(amy, 'crowd', { limit: 14 })
  assert.deepEqual([all.users.length, all.limited], [14, false])
  assert.deepEqual([(await search(amy, 'crowd', { limit: 13 })).users.length, all.users.length], [13, 14])
  assert.deepEqual(await search(amy, 'crowd', { limit: 0 }), { users: [], limited: true })
  assert.equal((await search(amy, 'crowd', { limit: 1_000_000 })).users.length, 14)
})

test('bounds hostile terms and refuses what is no search', async () => {
  const amy = await makeUser('hostile-amy')
  await makeRoom(amy)
  for (const term of [
    'x'.repeat(60_000),
    'a b '.repeat(10_000),
    '字'.repeat(20_000),
    '\u0000',
    '""*\'--',
    'ﷺ'.repeat(500),
  ]) {
    assert.deepEqual((await search(amy, term)).users, [], term.slice(0, 10))
  }
  assert.equal(refusalOf(await amy.call('POST', 'user_directory/search', {})), '400 M_MISSING_PARAM')
  assert.equal(refusalOf(await amy.call('POST', 'user_directory/search', { search_term: 3 })), '400 M_BAD_JSON')
  const negative = { search_term: 'x', limit: -1 }
  assert.equal(refusalOf(await amy.call('POST', 'user_directory/search', negative)), '400 M_BAD_JSON')
})

test('knows the same after a restart', async () => {
  const [amy, ben] = [await makeUser('kept-amy'), await makeUser('kept-ben', 'Kept Ben')]
  await makeRoom(ben, { preset: 'public_chat' })
  assert.deepEqual(await findNames(amy, 'kept'), ['Kept Ben'])
  await server.restart()
  const again = await server.logIn(amy)
  assert.deepEqual(await findNames(again, 'kept'), ['Kept Ben'])
})

test('indexes what an older version left', async () => {
  const [amy, ben] = [await makeUser('old-amy'), await makeUser('old-ben', 'Antique Ben')]
  await makeRoom(ben, { preset: 'public_chat' })
  assert.deepEqual(await findNames(amy, 'antique'), ['Antique Ben'])
  await server.program.components.store.transact((tx) => {
    tx.run`DELETE FROM directory_term`
    tx.run`DELETE FROM directory_room`
    tx.run`DELETE FROM search_progress`
  })
  await server.restart()
  const again = await server.logIn(amy)
  await waitFor('the built index', async () => (await findNames(again, 'antique'))[0])
})
