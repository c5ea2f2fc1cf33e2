/** How transactions are delivered to a server that is slow, refuses, or is away. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, type PeerRequest, startPeer } from '../../kit/peer.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

type Pdu = { readonly type: string; readonly room_id: string; readonly content: { readonly body?: string } }
type Transaction = {
  readonly id: string
  readonly pdus: readonly Pdu[]
  readonly edus: readonly { readonly edu_type: string; readonly content: JsonObject }[]
}

const encode = encodeURIComponent
const isTransaction = ({ path }: PeerRequest) => path.startsWith('/_matrix/federation/v1/send/')
const taken: PeerAnswer = { status: 200, body: { pdus: {} } }

let server: InProcess
let ann: TestUser
let peer: Peer
let count = 0
/** Those that the peer took, in order. */
let told: Transaction[] = []
/** What it answers; undefined: the connection is cut. */
let answer: (transaction: Transaction) => PeerAnswer | undefined | Promise<PeerAnswer | undefined>
let inFlightMost = 0

before(async () => {
  server = await startFederated()
  ann = await server.register('ann')
})
after(() => server.close())

beforeEach(async (context) => {
  peer = await startPeer()
  told = []
  answer = () => taken
  inFlightMost = 0
  let inFlight = 0
  peer.answer = async (request) => {
    if (!isTransaction(request)) return { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } }
    const transaction = toTransaction(request)
    inFlightMost = Math.max(inFlightMost, ++inFlight)
    const reply = await answer(transaction)
    inFlight -= 1
    if (reply?.status === 200) told.push(transaction)
    return reply
  }
  if ('after' in context) context.after(() => peer.close())
})

function toTransaction({ path, body }: PeerRequest): Transaction {
  return { id: path.split('/').at(-1)!, pdus: body.pdus as unknown as Pdu[], edus: body.edus as never }
}

/** A room of ann's with a user of the peer. */
async function openRoom(request: object = {}): Promise<string> {
  const made = await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })
  await joinAsPeer(peer, server, String(made.room_id))
  return String(made.room_id)
}

async function say(roomId: string, body: string): Promise<void> {
  const path = `rooms/${encode(roomId)}/send/m.room.message/${++count}`
  await ann.ok('PUT', path, { msgtype: 'm.text', body })
}

const bodies = (roomId?: string) =>
  told.flatMap(({ pdus }) => pdus.filter((pdu) => roomId === undefined || pdu.room_id === roomId)).map(bodyOf)
const bodyOf = ({ content, type }: Pdu) => content.body ?? type
const numbered = (from: number, upTo: number) => Array.from({ length: upTo - from }, (_, index) => `${from + index}`)
const awaitBody = (body: string) => waitFor(`"${body}"`, () => (bodies().includes(body) ? true : undefined))
/** A sign of life. */
const speak = () => peer.ask(server.serverName, 'GET', '/_matrix/federation/v1/query/profile?user_id=@nobody:x')
const stored = async () => {
  const rows = await server.program.components.store.reader.all<{ n: number }>`SELECT COUNT(*) AS n FROM outbox_room`
  return Number(rows[0]!.n)
}
const isAllStored = async () => {
  const { reader } = server.program.components.store
  const row = await reader.first<{ owed: number; last: number }>`
    SELECT (SELECT MAX(position) FROM outbox_room) AS owed, (SELECT MAX(stream) FROM event) AS last`
  return row?.owed === row?.last
}

describe('a server that is slow', () => {
  it('gets one transaction at a time, of at most 50 events, in order', async () => {
    const roomId = await openRoom()
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    answer = async () => {
      await opened
      return taken
    }
    for (const body of numbered(0, 120)) await say(roomId, body)
    open()
    await awaitBody('119')
    assert.deepEqual(bodies(roomId), numbered(0, 120))
    assert.equal(inFlightMost, 1)
    assert.ok(told.every(({ pdus, edus }) => pdus.length <= 50 && edus.length <= 100))
    assert.ok(told.length <= 4, `${told.length} transactions`)
    await waitFor('nothing to be owed', async () => ((await stored()) === 0 ? true : undefined))
  })
})

describe('a server that does not take a transaction', () => {
  it('gets the same one again', async () => {
    const roomId = await openRoom()
    const seen: string[] = []
    answer = ({ id }) => {
      seen.push(id)
      if (seen.length === 1) return { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Broken.' } }
      return seen.length === 2 ? undefined : taken
    }
    await say(roomId, 'again')
    await waitFor('a second try', () => (seen.length >= 2 ? true : undefined))
    await speak()
    await awaitBody('again')
    assert.equal(new Set(seen).size, 1)
    assert.deepEqual(bodies(roomId), ['again'])
  })

  it('gets all of it but the event that it refuses', async () => {
    const roomId = await openRoom()
    let isFirst = true
    answer = async ({ pdus }) => {
      if (isFirst) await waitFor('all messages', () => (count % 1000 === 0 ? true : undefined))
      isFirst = false
      const isBad = pdus.some((pdu) => bodyOf(pdu) === '7')
      return isBad ? { status: 400, body: { errcode: 'M_BAD_JSON', error: 'Not that one.' } } : taken
    }
    count = 100
    for (const body of numbered(0, 20)) await say(roomId, body)
    count = 1000
    await awaitBody('19')
    assert.deepEqual(
      bodies(roomId),
      numbered(0, 20).filter((body) => body !== '7'),
    )
  })
})

describe('a server that is away', () => {
  it('is told everything, in order, when it asks us something', async () => {
    const roomId = await openRoom()
    const other = await openRoom()
    await peerAway()
    await say(roomId, 'a')
    await say(other, 'b')
    await say(roomId, 'c')
    const away = await readFigures()
    assert.ok(Number(away.get(`parallax_outbox_lag_seconds{server="${peer.name}"}`)) > 60)
    assert.ok(Number(away.get(`parallax_outbox_backoff_seconds{server="${peer.name}"}`)) > 60)
    assert.ok(Number(away.get('parallax_outbox_transactions_total{outcome="failed"}')) >= 8)
    await speakAgain()
    await awaitBody('c')
    await awaitBody('b')
    assert.deepEqual(bodies(roomId), ['a', 'c'])
    await waitFor('nothing to be owed', async () => ((await stored()) === 0 ? true : undefined))
    const back = await waitFor('no lag', async () => {
      const figures = await readFigures()
      return figures.has(`parallax_outbox_lag_seconds{server="${peer.name}"}`) ? undefined : figures
    })
    assert.equal(back.get('parallax_outbox_lag_seconds{server="(rest)"}'), '0')
    assert.ok(Number(back.get('parallax_outbox_events_total')) >= 3)
  })

  /** Metrics by their names with labels. */
  async function readFigures(): Promise<Map<string, string>> {
    const text = await server.program.components.metrics.text()
    return new Map(text.split('\n').map((line) => line.split(/ (?=[^ ]+$)/) as [string, string]))
  }

  it('is told the newest events of each room after a long time, also over a restart', async () => {
    const rooms = [await openRoom(), await openRoom()]
    await peerAway()
    for (const body of numbered(0, 60)) for (const roomId of rooms) await say(roomId, body)
    await server.restart()
    // Else what is written down while it is told already comes on top of the newest.
    await waitFor('all to be written down', async () => ((await isAllStored()) ? true : undefined))
    await say(rooms[0]!, 'last')
    await speakAgain()
    await awaitBody('last')
    await waitFor('the other room', () => (bodies(rooms[1]).length >= 50 ? true : undefined))
    assert.deepEqual(bodies(rooms[0]).slice(-50), [...numbered(11, 60), 'last'])
    assert.ok(bodies(rooms[0]).length <= 51)
    assert.deepEqual(bodies(rooms[1]), numbered(10, 60))
    await waitFor('nothing to be owed', async () => ((await stored()) === 0 ? true : undefined))
    await say(rooms[1]!, 'now')
    await awaitBody('now')
  })

  it('is told all that it missed but the event that it refuses', async () => {
    const roomId = await openRoom()
    await peerAway()
    for (const body of numbered(0, 48)) await say(roomId, body)
    answer = ({ pdus }) =>
      pdus.some((pdu) => bodyOf(pdu) === '40') ? { status: 400, body: { errcode: 'M_BAD_JSON', error: 'No.' } } : taken
    await speak()
    await awaitBody('47')
    assert.deepEqual(
      bodies(roomId),
      numbered(0, 48).filter((body) => body !== '40'),
    )
  })

  it('is not told what was said while it was out of the room', async () => {
    const visibility = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } }
    const roomId = await openRoom({ initial_state: [visibility] })
    await peerAway()
    await say(roomId, 'in')
    await ann.ok('POST', `rooms/${encode(roomId)}/kick`, { user_id: `@pat:${peer.name}` })
    await say(roomId, 'out')
    answer = () => taken
    await joinAsPeer(peer, server, roomId)
    await say(roomId, 'in again')
    await awaitBody('in again')
    await waitFor('nothing to be owed', async () => ((await stored()) === 0 ? true : undefined))
    assert.deepEqual(
      bodies(roomId).filter((body) => body.length < 10),
      ['in', 'in again'],
    )
  })

  /** From now on it does not answer, and that is known. */
  async function peerAway(): Promise<void> {
    answer = () => undefined
    const roomId = await openRoom()
    await say(roomId, 'probe')
    const { destinations } = server.program.components.remote
    await waitFor('a failure', () => (destinations.retryAtMs(peer.name) > 0 ? true : undefined))
    for (let failures = 0; failures < 8; failures += 1) {
      const before = destinations.retryAtMs(peer.name)
      server.clock.turn(Math.max(0, before - server.clock.nowMs()) + 1)
      await waitFor('another failure', () => {
        if (destinations.retryAtMs(peer.name) > before) return true
        server.clock.turn(1000)
        return undefined
      })
    }
  }

  async function speakAgain(): Promise<void> {
    answer = () => taken
    await speak()
  }
})

it('a server that the access control list shuts out is told nothing more', async () => {
  const roomId = await openRoom()
  await say(roomId, 'before')
  await awaitBody('before')
  const list = { allow: ['*'], deny: ['localhost'], allow_ip_literals: true }
  await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.server_acl`, list)
  await say(roomId, 'secret')
  const other = await openRoom()
  await say(other, 'after')
  await awaitBody('after')
  assert.deepEqual(bodies(roomId), ['before', 'm.room.server_acl'])
})

it('joins and leaves by way of us are passed on to the others', async () => {
  const roomId = await openRoom()
  const third = await startPeer(11)
  try {
    await joinAsPeer(third, server, roomId, 'tom')
    await waitFor('the join', () =>
      told.some(({ pdus }) => pdus.some((pdu) => pdu.type === 'm.room.member')) ? true : undefined,
    )
    const isToThird = third.asked.filter(isTransaction)
    assert.equal(isToThird.length, 0)
    await ann.ok('POST', `rooms/${encode(roomId)}/ban`, { user_id: `@tom:${third.name}` })
    await waitFor('the ban', () => third.asked.find(isTransaction))
  } finally {
    await third.close()
  }
})
