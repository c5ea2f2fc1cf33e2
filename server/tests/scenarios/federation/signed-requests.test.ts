/** Who may ask: signatures of requests between servers, and whose keys they are verified with. */

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { buildXMatrix, createSigner, createSigningKey, type JsonObject, type ServerName } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, startInProcess } from '../../kit/in-process.ts'
import { keyDocumentOf, type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'

const path = '/_matrix/federation/v1/query/directory?room_alias=%23nothing%3Aexample.org'

let server: InProcess
let peer: Peer

before(async () => {
  server = await startFederated()
})
beforeEach(async () => {
  peer = await startPeer()
})
afterEach(() => peer.close())
after(() => server.close())

const codeOf = ({ status, body }: PeerAnswer) => `${status} ${(body as JsonObject).errcode}`
const name = () => server.serverName as ServerName

describe('a request of another server', () => {
  it('is answered if its server signed it', async () => {
    assert.equal(codeOf(await peer.ask(name(), 'GET', path)), '404 M_NOT_FOUND')
    assert.equal(peer.asked.filter((asked) => asked.path === '/_matrix/key/v2/server').length, 1)
    assert.equal(codeOf(await peer.ask(name(), 'GET', path)), '404 M_NOT_FOUND')
    assert.equal(peer.asked.length, 1, 'the key is kept')
  })

  it('is answered though its server was left alone, and its keys have expired meanwhile', async (t) => {
    const later = await startFederated()
    t.after(() => later.close())
    const { destinations } = later.program.components.remote
    const ask = async () => codeOf(await peer.ask(later.serverName, 'GET', path))
    peer.keyDocument = () => keyDocumentOf(peer.name, peer.key, { valid_until_ts: later.clock.nowMs() + 3600_000 })
    assert.equal(await ask(), '404 M_NOT_FOUND')
    later.clock.turn(2 * 3600_000)
    destinations.noteFailure(peer.name, 6 * 3600_000)
    assert.equal(await ask(), '404 M_NOT_FOUND')
    assert.equal(destinations.retryAtMs(peer.name), 0, 'it is there again')
  })

  it('may have its header in every spelling of the specification', async () => {
    const request = { method: 'GET', uri: path, origin: peer.name, destination: name() }
    const header = buildXMatrix(request, peer.signer)
    for (const spelling of [
      header.replaceAll(/(origin|destination)="([^"]*)"/g, '$1=$2'),
      header.replaceAll(',', ' , '),
    ]) {
      assert.equal(codeOf(await peer.ask(name(), 'GET', path, undefined, spelling)), '404 M_NOT_FOUND', spelling)
    }
    const without = header.replace(/destination="[^"]*",/, '')
    assert.equal(codeOf(await peer.ask(name(), 'GET', path, undefined, without)), '404 M_NOT_FOUND')
  })

  it('is refused without a signature, with a false one, and for another server', async () => {
    const sign = (change: object) =>
      buildXMatrix({ method: 'GET', uri: path, origin: peer.name, destination: name(), ...change }, peer.signer)
    const headers = {
      none: null,
      token: 'Bearer x',
      malformed: 'X-Matrix origin=,key=',
      otherMethod: sign({ method: 'PUT' }),
      otherPath: sign({ uri: `${path}x` }),
      withBody: sign({ content: {} }),
      otherDestination: sign({ destination: 'example.org' }),
      ourselves: sign({ origin: name() }),
      otherOrigin: sign({}).replace(`origin="${peer.name}"`, 'origin="localhost:1"'),
      otherKey: buildXMatrix(
        { method: 'GET', uri: path, origin: peer.name, destination: name() },
        createSigner(peer.name, createSigningKey('peer', new Uint8Array(32).fill(1))),
      ),
    }
    for (const [what, header] of Object.entries(headers)) {
      assert.equal(codeOf(await peer.ask(name(), 'GET', path, undefined, header)), '401 M_UNAUTHORIZED', what)
    }
  })

  it('is signed with its body', async () => {
    const put = '/_matrix/federation/v1/user/keys/query'
    const header = buildXMatrix(
      { method: 'POST', uri: put, origin: peer.name, destination: name(), content: { device_keys: {} } },
      peer.signer,
    )
    const changed = await peer.ask(name(), 'POST', put, { device_keys: { '@a:b': [] } }, header)
    assert.equal(codeOf(changed), '401 M_UNAUTHORIZED')
    assert.equal((await peer.ask(name(), 'POST', put, { device_keys: {} }, header)).status, 200)
  })
})

describe('the keys of another server', () => {
  const documents: Record<string, (peer: Peer) => JsonObject> = {
    'are of another server': (of) => keyDocumentOf('localhost:1' as ServerName, of.key),
    'are not signed': (of) => ({ ...keyDocumentOf(of.name, of.key), signatures: {} }),
    'were changed': (of) => ({ ...keyDocumentOf(of.name, of.key), valid_until_ts: Date.now() + 7200_000 }),
    'have expired': (of) => keyDocumentOf(of.name, of.key, { valid_until_ts: Date.now() - 1000 }),
    'are old': (of) => {
      const other = createSigningKey('new', new Uint8Array(32).fill(3))
      const old = { [of.key.keyId]: { key: of.key.publicKey, expired_ts: Date.now() - 1000 } }
      return keyDocumentOf(of.name, other, { old_verify_keys: old })
    },
    'are malformed': () => ({ server_name: 7 }),
  }
  for (const [what, document] of Object.entries(documents)) {
    it(`do not count if they ${what}`, async () => {
      peer.keyDocument = () => document(peer)
      assert.equal(codeOf(await peer.ask(name(), 'GET', path)), '401 M_UNAUTHORIZED')
      await peer.ask(name(), 'GET', path)
      assert.ok(peer.asked.length <= 1, 'a server is not asked again at once')
    })
  }

  it('are asked for again when a request has a new one', async () => {
    assert.equal((await peer.ask(name(), 'GET', path)).status, 404)
    peer.key = createSigningKey('next', new Uint8Array(32).fill(5))
    server.clock.turn(61_000)
    assert.equal((await peer.ask(name(), 'GET', path)).status, 404)
  })
})

describe('our own keys', () => {
  it('are published, signed, valid for a day', async () => {
    const { body } = await peer.ask(name(), 'GET', '/_matrix/key/v2/server', undefined, null)
    const { server_name, valid_until_ts, verify_keys, old_verify_keys, signatures } = body as JsonObject
    assert.equal(server_name, name())
    assert.deepEqual(old_verify_keys, {})
    assert.equal(Number(valid_until_ts) - server.clock.nowMs() > 23 * 3600_000, true)
    assert.deepEqual(Object.keys(verify_keys as object), Object.keys((signatures as JsonObject)[name()] as object))
  })

  it('are told of others as a notary, with our signature', async () => {
    const ask = async (method: string, at: string, body?: JsonObject) => {
      const answer = await peer.ask(name(), method, at, body, null)
      return (answer.body as { server_keys: JsonObject[] }).server_keys
    }
    const [document] = await ask('GET', `/_matrix/key/v2/query/${peer.name}`)
    assert.deepEqual(Object.keys(document!.signatures as object).sort(), [name(), peer.name].sort())
    const question = { server_keys: { [peer.name]: {}, [name()]: {}, 'localhost:1': {}, 'not a name': {} } }
    const documents = await ask('POST', '/_matrix/key/v2/query', question)
    assert.deepEqual(documents.map((one) => one.server_name).sort(), [name(), peer.name].sort())
    const beyond = { server_keys: { [peer.name]: { 'ed25519:peer': { minimum_valid_until_ts: Date.now() + 1e9 } } } }
    server.clock.turn(61_000)
    const before = peer.asked.length
    assert.equal((await ask('POST', '/_matrix/key/v2/query', beyond)).length, 1)
    assert.equal(peer.asked.length, before + 1, 'it is asked for longer validity')
  })
})

describe('federation that is switched off', () => {
  it('answers other servers as if there were no such path', async () => {
    const closed = await startInProcess()
    for (const at of ['/_matrix/key/v2/server', path, '/_matrix/federation/v1/version']) {
      const { status, body } = await closed.call('GET', at)
      assert.deepEqual([status, body.errcode], [404, 'M_UNRECOGNIZED'])
    }
    await closed.close()
  })

  it('or denied for a server, answers it nothing but that', async () => {
    const choosy = await startFederated('federation: { deny: ["*"] }\n')
    assert.equal(codeOf(await peer.ask(choosy.serverName, 'GET', path)), '403 M_FORBIDDEN')
    assert.equal(peer.asked.length, 0)
    await choosy.close()
  })
})
