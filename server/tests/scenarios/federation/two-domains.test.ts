/** Two domains in one process: their users meet without a network, and each speaks to others under its own key. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type JsonObject, type ServerName, signaturesOf, verifyJson } from '@parallax/protocol'
import { ConfigError, settleDomains } from '../../../src/config/index.ts'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerRequest, startPeer } from '../../kit/peer.ts'
import { sendTransaction, startLine } from '../../kit/peer-events.ts'
import { hostRoom, letIn } from '../../kit/peer-hosts.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { findFreePort } from '../../kit/server-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

const encode = encodeURIComponent
let texts = 0

async function say(user: TestUser, roomId: string, body: string): Promise<string> {
  const path = `rooms/${encode(roomId)}/send/m.room.message/${++texts}`
  return String((await user.ok('PUT', path, { msgtype: 'm.text', body })).event_id)
}

async function readTexts(user: TestUser, roomId: string): Promise<unknown[]> {
  const page = await user.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=50`)
  const events = (page.chunk as { type: string; content: { body?: string } }[]).reverse()
  return events.flatMap(({ type, content }) => (type === 'm.room.message' ? content.body : []))
}

describe('users of two domains of a server without federation', () => {
  let server: InProcess
  let ann: TestUser
  let ben: TestUser
  before(async () => {
    server = await startInProcess({ SERVER_NAME: 'one.example' }, 'domains: [two.example]')
    ann = await server.register('ann')
    ben = await server.register('@ben:two.example')
  })
  after(() => server.close())

  it('have names of their domain, and log in with them', async () => {
    assert.deepEqual([ann.userId, ben.userId], ['@ann:one.example', '@ben:two.example'])
    assert.equal((await server.logIn(ben)).userId, ben.userId)
    const other = await server.register('@ann:two.example')
    assert.notEqual(other.userId, ann.userId)
    const body = (username: string) => ({ username, password: 'a long password', auth: { type: 'm.login.dummy' } })
    const refused = await server.call('POST', 'register', { body: body('@ann:three.example') })
    assert.equal(refusalOf(refused), '400 M_INVALID_USERNAME')
    assert.equal(
      refusalOf(await server.call('POST', 'register', { body: body('@ann:two.example') })),
      '400 M_USER_IN_USE',
    )
  })

  it('invite each other, talk, and see typing, receipts, profiles and keys', async () => {
    const roomId = String((await ann.ok('POST', 'createRoom', { invite: [ben.userId] })).room_id)
    await ben.ok('POST', `join/${encode(roomId)}`)
    await say(ann, roomId, 'from one')
    const eventId = await say(ben, roomId, 'from two')
    for (const user of [ann, ben]) assert.deepEqual(await readTexts(user, roomId), ['from one', 'from two'])
    const since = (await ben.ok('GET', 'sync')).next_batch
    await ann.ok('PUT', `rooms/${encode(roomId)}/typing/${encode(ann.userId)}`, { typing: true, timeout: 30_000 })
    await ann.ok('POST', `rooms/${encode(roomId)}/receipt/m.read/${encode(eventId)}`, {})
    const sync = JSON.stringify(await ben.ok('GET', `sync?since=${since}`))
    for (const told of ['m.typing', 'm.receipt', ann.userId]) assert.ok(sync.includes(told), told)
    await ann.ok('PUT', `profile/${encode(ann.userId)}/displayname`, { displayname: 'Ann of one' })
    assert.equal((await ben.ok('GET', `profile/${encode(ann.userId)}`)).displayname, 'Ann of one')
    const keys = await ben.ok('POST', 'keys/query', { device_keys: { [ann.userId]: [] } })
    assert.deepEqual(keys.failures, {})
    const messages = { [ben.userId]: { [ben.deviceId]: { hello: 1 } } }
    await ann.ok('PUT', `sendToDevice/m.test/${++texts}`, { messages })
    assert.ok(JSON.stringify(await ben.ok('GET', 'sync')).includes('"hello":1'))
  })

  it('have aliases and files of their domain', async () => {
    const body = { preset: 'public_chat', room_alias_name: 'place' }
    const roomId = (await ben.ok('POST', 'createRoom', body)).room_id
    await ann.ok('POST', `join/${encode('#place:two.example')}`)
    assert.equal((await ann.ok('GET', `directory/room/${encode('#place:two.example')}`)).room_id, roomId)
    const missing = await ann.call('GET', `directory/room/${encode('#place:one.example')}`)
    assert.equal(refusalOf(missing), '404 M_NOT_FOUND')
    const { content_uri: file } = await ben.ok('POST', '/_matrix/media/v3/upload?filename=x.txt', 'hello')
    assert.match(String(file), /^mxc:\/\/two\.example\//)
    const path = `/_matrix/client/v1/media/download/${String(file).slice('mxc://'.length)}`
    assert.equal(
      (await fetch(server.baseUrl + path, { headers: { Authorization: `Bearer ${ann.token}` } })).status,
      200,
    )
  })

  it('let each other into restricted rooms: both domains sign', async () => {
    const door = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
    await ben.ok('POST', `join/${encode(door)}`)
    const rule = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: door }] }
    const initial_state = [{ type: 'm.room.join_rules', state_key: '', content: rule }]
    const roomId = String((await ann.ok('POST', 'createRoom', { initial_state, room_version: '11' })).room_id)
    await ben.ok('POST', `join/${encode(roomId)}`)
    const { rooms } = server.program.components
    const info = await rooms.findRoom(roomId as never)
    const join = await rooms.findStateEvent(info!.room, 'm.room.member', ben.userId)
    assert.equal(join?.content.join_authorised_via_users_server, ann.userId)
    assert.deepEqual(Object.keys(join?.pdu.signatures as JsonObject).sort(), ['one.example', 'two.example'])
  })

  it('are there after a restart, and the domain cannot be taken away', async () => {
    await server.restart()
    assert.equal((await server.logIn(ben)).userId, ben.userId)
    const { config } = server.program.components
    assert.throws(() => settleDomains({ ...config, domains: [] }, 'one.example' as ServerName), ConfigError)
    const more = settleDomains({ ...config, domains: ['two.example', 'three.example'] }, 'one.example' as ServerName)
    assert.deepEqual(more, ['one.example', 'two.example', 'three.example'])
  })
})

describe('two domains of a server with federation', () => {
  let server: InProcess
  let peer: Peer
  let ann: TestUser
  let ben: TestUser
  let second: ServerName

  before(async () => {
    const port = await findFreePort()
    second = `127.0.0.1:${port}` as ServerName
    const names = { SERVER_NAME: `localhost:${port}`, HOMESERVER_HTTPS_PORT: String(port) }
    server = await startFederated(`domains: ["${second}"]`, names)
    peer = await startPeer()
    peer.answer = () => ({ status: 200, body: { pdus: {} } })
    ann = await server.register('ann')
    ben = await server.register(`@ben:${second}`)
  })
  after(async () => {
    await server.close()
    await peer.close()
  })

  async function openRoom(): Promise<string> {
    const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: '11' })).room_id)
    await ben.ok('POST', `join/${encode(roomId)}`)
    return roomId
  }
  const transactions = () => peer.asked.filter(({ path }) => path.includes('/send/'))
  const originOf = ({ headers }: PeerRequest) => /origin="([^"]+)"/.exec(headers.authorization ?? '')?.[1]

  it('publish keys of their own', async () => {
    const keys = new Set<string>()
    for (const name of [server.serverName, second]) {
      const { body } = await peer.ask(name, 'GET', '/_matrix/key/v2/server', undefined, null)
      const document = body as JsonObject
      assert.equal(document.server_name, name)
      const verify = Object.entries(document.verify_keys as Record<string, { key: string }>)
      assert.ok(verifyJson(document, name, new Map(verify.map(([id, { key }]) => [id, key]))))
      keys.add(verify[0]![1].key)
    }
    assert.equal(keys.size, 2)
  })

  it('tell others each what is of its users, in its own name', async () => {
    const roomId = await openRoom()
    await joinAsPeer(peer, server, roomId)
    peer.asked.length = 0
    const ids = [await say(ann, roomId, 'from ann'), await say(ben, roomId, 'from ben')]
    const type = async (user: TestUser, typing: boolean) =>
      user.ok(
        'PUT',
        `rooms/${encode(roomId)}/typing/${encode(user.userId)}`,
        typing ? { typing, timeout: 30_000 } : { typing },
      )
    for (const user of [ann, ben]) {
      await type(user, true)
      const messages = { [`@pat:${peer.name}`]: { D: { from: user.userId } } }
      await user.ok('PUT', `sendToDevice/m.test/${++texts}`, { messages })
    }
    const senderOf = (content: JsonObject) => content.sender ?? content.user_id
    const told = () =>
      transactions().flatMap((one) => {
        const { origin, pdus, edus = [] } = one.body as { origin: string; pdus: JsonObject[]; edus?: JsonObject[] }
        assert.equal(origin, originOf(one))
        const ofEdus = edus.map(({ edu_type, content }) => `${edu_type} ${senderOf(content as JsonObject)}`)
        for (const what of [...pdus.map(({ sender }) => `pdu ${sender}`), ...ofEdus]) {
          assert.ok(what.endsWith(`:${origin}`), `${what} told by ${origin}`)
        }
        return [...pdus.map(({ sender }) => `pdu ${sender}`), ...ofEdus]
      })
    const wanted = [ann, ben].flatMap(({ userId }) => [
      `pdu ${userId}`,
      `m.typing ${userId}`,
      `m.direct_to_device ${userId}`,
    ])
    await waitFor('all of both', async () => {
      if (wanted.every((one) => told().includes(one))) return true
      // Who types may be lost on the way; the rest may not.
      for (const user of [ann, ben]) for (const typing of [false, true]) await type(user, typing)
      server.clock.turn(1000)
      return undefined
    })
    for (const [index, name] of [server.serverName, second].entries()) {
      const path = `/_matrix/federation/v1/event/${encode(ids[index]!)}`
      const [pdu] = ((await peer.ask(name, 'GET', path)).body as { pdus: JsonObject[] }).pdus
      assert.equal(signaturesOf(pdu!, name).size, 1)
      assert.deepEqual(Object.keys(pdu!.signatures as JsonObject), [name])
    }
  })

  it('tell what was missed each in its own name too', async () => {
    const roomId = await openRoom()
    await joinAsPeer(peer, server, roomId, 'pia')
    peer.answer = () => undefined
    await say(ann, roomId, 'lost')
    await say(ben, roomId, 'lost too')
    await server.restart()
    peer.asked.length = 0
    peer.answer = () => ({ status: 200, body: { pdus: {} } })
    server.clock.turn(30_000)
    await waitFor('both', () => {
      const bodies = transactions().flatMap(({ body }) => (body as { pdus: JsonObject[] }).pdus)
      const senders = new Set(bodies.map(({ sender }) => sender))
      return senders.has(ann.userId) && senders.has(ben.userId) ? true : undefined
    })
    for (const one of transactions()) {
      for (const { sender } of (one.body as { pdus: JsonObject[] }).pdus) {
        assert.ok(String(sender).endsWith(`:${originOf(one)}`))
      }
    }
  })

  it('hear what is said to either of them, once', async () => {
    const roomId = await openRoom()
    const line = startLine(peer, await joinAsPeer(peer, server, roomId, 'paul'), 'paul')
    const event = line.say('to both')
    for (const serverName of [server.serverName, second]) {
      assert.equal((await sendTransaction(peer, { serverName }, [event])).status, 200)
    }
    for (const user of [ann, ben]) assert.deepEqual(await readTexts(user, roomId), ['to both'])
  })

  it('join rooms elsewhere one after the other, each in its own name', async () => {
    const room = hostRoom(peer)
    letIn(peer, room)
    peer.asked.length = 0
    const via = `?via=${encode(peer.name)}`
    await ben.ok('POST', `join/${encode(room.roomId)}${via}`)
    const joins = peer.asked.filter(({ path }) => /make_join|send_join/.test(path))
    assert.deepEqual(new Set(joins.map(originOf)), new Set([second]))
    assert.deepEqual(Object.keys(joins.at(-1)!.body.signatures as JsonObject), [second])
    peer.answer = () => ({ status: 200, body: { pdus: {} } })
    await ann.ok('POST', `join/${encode(room.roomId)}${via}`)
    const told = await waitFor('the join of ann', () =>
      transactions().find(({ body }) => JSON.stringify(body.pdus).includes(ann.userId)),
    )
    assert.equal(originOf(told), server.serverName)
    const [join] = told.body.pdus as JsonObject[]
    assert.deepEqual(Object.keys(join!.signatures as JsonObject), [server.serverName])
  })
})
