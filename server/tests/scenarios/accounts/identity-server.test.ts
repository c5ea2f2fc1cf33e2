/** Invites of people of whom only an address is known, and public addresses, with an identity server of our own kit. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import { type IdentityServer, startIdentityServer } from '../../kit/identity-server.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let identity: IdentityServer
let server: InProcess
let elsewhere: InProcess
let ann: TestUser
before(async () => {
  identity = await startIdentityServer()
  const yaml = `identity: { servers: ["${identity.name}"] }\n`
  ;[server, elsewhere] = await Promise.all([startFederated(yaml), startFederated(yaml)])
  identity.findKey = (name) => {
    const house = [server, elsewhere].find(({ serverName }) => serverName === name)
    return house?.program.components.domains.findSigningKey(name as never)?.publicKey
  }
  ann = await server.register('ann')
})
after(async () => {
  await Promise.all([server.close(), elsewhere.close()])
  await identity.close()
})

const encode = encodeURIComponent
const by = (address: string, more: object = {}) => ({
  ...{ id_server: identity.name, id_access_token: identity.token, medium: 'email', address },
  ...more,
})
const makeRoom = async (more: object = {}): Promise<string> =>
  String((await ann.ok('POST', 'createRoom', { preset: 'private_chat', name: 'The garden', ...more })).room_id)
const stateOf = (roomId: string, type: string, key: string): Promise<AnyJson> =>
  ann.call('GET', `rooms/${encode(roomId)}/state/${type}/${encode(key)}`).then(({ body }) => body)

/** Invites the address, and answers what the letter has. */
async function inviteByLetter(address: string): Promise<{ roomId: string; token: string }> {
  const roomId = await makeRoom()
  await ann.ok('POST', `rooms/${encode(roomId)}/invite`, by(address))
  return { roomId, token: identity.invites.at(-1)!.token }
}

test('without an identity server in the config nobody is asked', async () => {
  const alone = await startInProcess()
  const amy = await alone.register('amy')
  const { room_id: roomId } = await amy.ok('POST', 'createRoom')
  const asked = identity.asked.length
  const untrusted = '400 M_SERVER_NOT_TRUSTED'
  const path = `rooms/${encode(String(roomId))}/invite`
  assert.equal(refusalOf(await amy.call('POST', path, by('pat@example.org'))), untrusted)
  assert.equal(refusalOf(await amy.call('POST', 'createRoom', { invite_3pid: [by('pat@example.org')] })), untrusted)
  const bind = { id_server: identity.name, id_access_token: 'x', client_secret: 's', sid: '1' }
  assert.equal(refusalOf(await amy.call('POST', 'account/3pid/bind', bind)), untrusted)
  const threePid = { medium: 'email', address: 'a@example.org', id_server: identity.name }
  const { id_server_unbind_result: result } = await amy.ok('POST', 'account/3pid/unbind', threePid)
  assert.equal(result, 'no-support')
  assert.equal(identity.asked.length, asked)
  await alone.close()
})

test('clients are told which identity server there is', async () => {
  const { body } = await server.call('GET', '/.well-known/matrix/client')
  assert.deepEqual(body['m.identity_server'], { base_url: `https://${identity.name}` })
})

test('an address that the identity server knows is invited as its user, also after the pepper changed', async () => {
  const ben = await server.register('ben')
  identity.bound.set('ben@example.org', ben.userId)
  const roomId = await makeRoom()
  await ann.ok('POST', `rooms/${encode(roomId)}/invite`, by('Ben@Example.org', { reason: 'do come' }))
  const member = await stateOf(roomId, 'm.room.member', ben.userId)
  assert.deepEqual([member.membership, member.reason], ['invite', 'do come'])
  const path = '/_matrix/identity/v2/lookup'
  let turns = 0
  identity.answer = (asked) => {
    if (asked === path && turns++ === 0) identity.pepper = 'fresh'
    return undefined
  }
  const created = await makeRoom({ invite_3pid: [by('ben@example.org')], is_direct: true })
  identity.answer = () => undefined
  const direct = await stateOf(created, 'm.room.member', ben.userId)
  assert.deepEqual([direct.membership, direct.is_direct, turns], ['invite', true, 2])
  const sync = await ben.ok('GET', 'sync')
  assert.ok((sync as AnyJson).rooms.invite[created])
})

test('who is not known gets a letter, and joins with what it proves', async () => {
  const { roomId, token } = await inviteByLetter('cat@example.org')
  const letter = identity.invites.at(-1)!.invite
  assert.deepEqual(
    [letter.room_name, letter.sender, letter.room_join_rules, letter.address],
    ['The garden', ann.userId, 'invite', 'cat@example.org'],
  )
  const waiting = await stateOf(roomId, 'm.room.third_party_invite', token)
  assert.equal(waiting.display_name, 'c...')
  assert.equal(waiting.public_key, waiting.public_keys[0].public_key)
  const cat = await server.register('cat')
  const join = (signed: object) => cat.call('POST', `join/${encode(roomId)}`, { third_party_signed: signed })
  assert.equal(refusalOf(await cat.call('POST', `join/${encode(roomId)}`)), '403 M_FORBIDDEN')
  const forger = await startIdentityServer(5)
  assert.equal(refusalOf(await join(forger.sign(token, cat.userId, ann.userId))), '403 M_FORBIDDEN')
  await forger.close()
  const others = identity.sign(token, '@eve:example.org', ann.userId)
  assert.equal(refusalOf(await join(others)), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await join({ ...others, mxid: cat.userId })), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await join(identity.sign('other', cat.userId, ann.userId))), '403 M_FORBIDDEN')
  identity.isKeyValid = false
  assert.equal(refusalOf(await join(identity.sign(token, cat.userId, ann.userId))), '403 M_FORBIDDEN')
  identity.isKeyValid = true
  assert.equal((await join(identity.sign(token, cat.userId, ann.userId))).status, 200)
  assert.equal((await stateOf(roomId, 'm.room.member', cat.userId)).membership, 'join')
  assert.equal((await join(identity.sign(token, cat.userId, ann.userId))).status, 200)
  assert.equal((await stateOf(roomId, 'm.room.member', cat.userId)).membership, 'join')
})

test('a user of another server takes a letter up, by joining or by publishing the address', async () => {
  const { roomId, token } = await inviteByLetter('dan@example.org')
  const dan = await elsewhere.register('dan')
  const signed = identity.sign(token, dan.userId, ann.userId)
  const joined = await dan.call('POST', `join/${encode(roomId)}?via=${server.serverName}`, {
    third_party_signed: signed,
  })
  assert.equal(joined.status, 200, JSON.stringify(joined.body))
  assert.equal((await stateOf(roomId, 'm.room.member', dan.userId)).membership, 'join')
  const next = await inviteByLetter('dan2@example.org')
  const told = {
    ...{ medium: 'email', address: 'dan2@example.org', mxid: dan.userId },
    invites: [{ room_id: next.roomId, sender: ann.userId, signed: identity.sign(next.token, dan.userId, ann.userId) }],
  }
  const path = '/_matrix/federation/v1/3pid/onbind'
  assert.equal((await elsewhere.call('PUT', path, { body: told })).status, 200)
  await waitFor('the invite', async () => {
    const member = await stateOf(next.roomId, 'm.room.member', dan.userId)
    return member.membership === 'invite' ? member : undefined
  })
  const { rooms } = (await dan.ok('GET', 'sync')) as AnyJson
  assert.ok(rooms.invite[next.roomId])
})

test('nobody is written to for those who may not invite, or ask wrongly', async () => {
  const asked = by('eva@example.org')
  const roomId = await makeRoom({ power_level_content_override: { invite: 50 }, preset: 'public_chat' })
  const eva = await server.register('eva')
  const letters = identity.invites.length
  const invite = (user: TestUser, body: object) => user.call('POST', `rooms/${encode(roomId)}/invite`, body)
  assert.equal(refusalOf(await invite(eva, asked)), '403 M_FORBIDDEN')
  await eva.ok('POST', `join/${encode(roomId)}`)
  assert.equal(refusalOf(await invite(eva, asked)), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await invite(ann, { ...asked, address: 'x\r\nBcc: y' })), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await invite(ann, { ...asked, medium: 'pigeon' })), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await invite(ann, { ...asked, id_server: 'localhost:1' })), '400 M_SERVER_NOT_TRUSTED')
  assert.equal(refusalOf(await invite(ann, { ...asked, id_access_token: 'b\r\nad' })), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await invite(ann, {})), '400 M_MISSING_PARAM')
  const bad = { invite_3pid: [{ address: 'a@example.org' }] }
  assert.equal(refusalOf(await ann.call('POST', 'createRoom', bad)), '400 M_INVALID_PARAM')
  assert.equal(identity.invites.length, letters)
})

test('what the identity server answers is bounded and judged', async () => {
  const roomId = await makeRoom()
  const invite = () => ann.call('POST', `rooms/${encode(roomId)}/invite`, by('fay@example.org'))
  const answering = async (answer: IdentityServer['answer']) => {
    identity.answer = answer
    const refusal = refusalOf(await invite())
    identity.answer = () => undefined
    return refusal
  }
  const unusable = '502 M_UNKNOWN'
  const only =
    (end: string, body: object, status = 200) =>
    (path: string) =>
      path.endsWith(end) ? { status, body } : undefined
  const key = [{ public_key: 'abc', key_validity_url: 'https://x' }]
  assert.equal(await answering(() => 'endless'), unusable)
  assert.equal(
    await answering(() => ({ status: 302, body: {}, headers: { location: '/elsewhere' } })),
    '403 M_FORBIDDEN',
  )
  assert.equal(await answering(() => ({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } })), '403 M_FORBIDDEN')
  assert.equal(
    await answering(() => ({ status: 403, body: { errcode: 'M_TERMS_NOT_SIGNED' } })),
    '403 M_TERMS_NOT_SIGNED',
  )
  assert.equal(await answering(only('hash_details', { lookup_pepper: 7 })), unusable)
  assert.equal(await answering(only('store-invite', { token: 'a b', display_name: 'x', public_keys: key })), unusable)
  assert.equal(await answering(only('store-invite', { token: 'ab', display_name: 'x', public_keys: [] })), unusable)
  assert.equal(await answering(only('store-invite', {}, 500)), unusable)
  assert.equal(identity.asked.at(-1), 'POST /_matrix/identity/v2/store-invite')
})

test('an identity server at a private address is not asked unless the config allows that', async () => {
  const shut = await startInProcess({}, `identity: { servers: ["${identity.name}"] }\n`)
  const gus = await shut.register('gus')
  const { room_id: roomId } = await gus.ok('POST', 'createRoom')
  const asked = identity.asked.length
  const refused = await gus.call('POST', `rooms/${encode(String(roomId))}/invite`, by('x@example.org'))
  assert.equal(refusalOf(refused), '502 M_UNKNOWN')
  assert.equal(identity.asked.length, asked)
  await shut.close()
})

test('an address is made public and private again, and with the account', async () => {
  const hal = await server.register('hal')
  const bind = (sid: string, more: object = {}) =>
    hal.call('POST', 'account/3pid/bind', {
      ...{ id_server: identity.name, id_access_token: identity.token, client_secret: 'secret', sid },
      ...more,
    })
  const sid = identity.confirm('hal@example.org', 'secret')
  assert.equal(refusalOf(await bind(sid, { client_secret: 'guessed' })), '400 M_THREEPID_AUTH_FAILED')
  assert.equal(refusalOf(await bind(sid, { id_access_token: 'x' })), '400 M_THREEPID_AUTH_FAILED')
  assert.equal((await bind(sid)).status, 200)
  assert.equal(identity.bound.get('hal@example.org'), hal.userId)
  const threePid = { medium: 'email', address: 'Hal@example.org' }
  const eve = await server.register('eve')
  const unbind = (user: TestUser, more: object = {}) =>
    user.ok('POST', 'account/3pid/unbind', { ...threePid, ...more }).then((body) => body.id_server_unbind_result)
  assert.equal(await unbind(eve), 'no-support')
  assert.equal(await unbind(eve, { id_server: identity.name }), 'no-support')
  assert.equal(identity.bound.get('hal@example.org'), hal.userId)
  assert.equal(await unbind(hal), 'success')
  assert.equal(identity.bound.size > 0 && identity.bound.has('hal@example.org'), false)
  assert.equal(await unbind(hal), 'no-support')
  await bind(sid)
  const removed = await hal.ok('POST', 'account/3pid/delete', threePid)
  assert.equal(removed.id_server_unbind_result, 'success')
  await bind(sid)
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: hal.userId }, password: hal.password }
  const ended = await hal.ok('POST', 'account/deactivate', { auth })
  assert.equal(ended.id_server_unbind_result, 'success')
  assert.equal(identity.bound.has('hal@example.org'), false)
})
