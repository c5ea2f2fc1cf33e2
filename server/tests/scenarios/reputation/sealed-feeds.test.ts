/** Sealed feeds of users, end to end: sealed here, followed from there, and read only by who meets the name. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { encodeBase64, loadOprf, oprfInput, parseEntity } from '@parallax/reputation'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

const base = '/_parallax/reputation/v1'
let publisher: InProcess
let server: InProcess
let owner: TestUser

before(async () => {
  publisher = await startFederated('reputation: { publishing: users }\n')
  server = await startFederated()
  owner = await publisher.register('owner')
})
after(async () => {
  await server.close()
  await publisher.close()
  await endTestStores()
})

const contexts = ['m.spam', 'severe'].map((context) => ({ context, meaning: context }))

async function openFeed(more: object): Promise<string> {
  const description = { name: 'Sealed', class: 'human', contexts }
  return String((await owner.ok('POST', `${base}/feeds`, { audience: 'public', description, ...more })).feed)
}

async function say(feed: string, ...opinions: object[]): Promise<string[]> {
  const usual = { kind: 'user', context: 'm.spam', opinion: -100, confidence: 80 }
  const given = opinions.map((opinion) => ({ ...usual, ...opinion }))
  return (await owner.ok('POST', `${base}/feeds/${feed}/opinions`, { opinions: given })).ids as string[]
}

const addressOf = (feed: string) => `https://${publisher.serverName}/_matrix/reputation/v1/feeds/${feed}`
const ask = (feed: string, what: string, body: object) =>
  publisher.call('POST', `/_matrix/reputation/v1/feeds/${feed}/${what}`, { body })

/** Somebody who follows a feed, and how a message of a user looks to them. */
async function openView(name: string, feed: string, manner: string) {
  const [viewer, spammer] = [await server.register(`${name}-viewer`), await server.register(`${name}-spam`)]
  const { room_id: roomId } = await viewer.ok('POST', 'createRoom', { preset: 'public_chat' })
  await spammer.ok('POST', `join/${roomId}`)
  await spammer.ok('PUT', `rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'buy' })
  const follow = async (reader = viewer) => {
    const followed = await reader.ok('POST', `${base}/subscriptions`, { address: addressOf(feed), manner })
    const subscriptions = [{ source: followed.source, trust: { '*': 'strong' }, mode: 'enforce' }]
    await reader.ok('PUT', `${base}/lenses/mine`, { subscriptions })
    await reader.ok('PUT', `${base}/lens`, { name: 'mine' })
    return followed
  }
  const look = async () => {
    const [event] = (await viewer.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1`)).chunk as JsonObject[]
    return ((event!.unsigned as JsonObject)['org.parallax.reputation'] as JsonObject | undefined)?.action
  }
  const becomes = (action: string | undefined) =>
    waitFor(`the message to be ${action ?? 'shown'}`, async () => ((await look()) === action ? true : undefined))
  return { viewer, spammer, follow, look, becomes, roomId: String(roomId) }
}

test('a slowly hashed feed is read by who meets the name, and says nothing to who does not', async () => {
  const feed = await openFeed({ tier: 'T2' })
  const view = await openView('slow', feed, 'copy')
  const [id] = await say(feed, { entity: view.spammer.userId, reason_code: 'seen.often' })
  const followed = await view.follow()
  assert.deepEqual([followed.health, followed.sealed, followed.opinions], ['good', 1, 0])
  await view.becomes('hide')
  const explained = await view.viewer.ok('POST', `${base}/explain`, {
    ...{ kind: 'user', entity: view.spammer.userId, context: 'm.spam' },
  })
  assert.equal((explained.records as JsonObject[])[0]!.reason_code, 'seen.often')
  const read = async (what: string) => {
    const answer = await publisher.call('GET', `/_matrix/reputation/v1/feeds/${feed}/${what}`)
    return JSON.stringify(answer.body)
  }
  for (const text of [await read('snapshot'), await read('changes?since=0')]) {
    assert.ok(!text.includes('spam') && !text.includes('-100'))
  }
  assert.ok(!(await read('manifest')).includes('slow-spam'))
  await owner.ok('POST', `${base}/feeds/${feed}/end`, { ids: [id] })
  await view.becomes(undefined)
})

test('an opinion replaces the one before, goes back, and is forgotten with all its rows', async () => {
  const feed = await openFeed({ tier: 'T2' })
  const held = async () => {
    const { opinions } = await owner.ok('GET', `${base}/feeds/${feed}/opinions`)
    return (opinions as JsonObject[]).map(({ entity, opinion, context }) => [entity, opinion, context])
  }
  await say(feed, { entity: '@a:B.example' })
  const [id] = await say(feed, { entity: '@a:b.example', opinion: -40 }, { kind: 'server', entity: 'c.example' })
  assert.deepEqual((await held()).toSorted(), [
    ['@a:b.example', -40, 'm.spam'],
    ['c.example', -100, 'm.spam'],
  ])
  await owner.ok('POST', `${base}/feeds/${feed}/roll-back`, { seq: 1 })
  assert.deepEqual(await held(), [['@a:b.example', -100, 'm.spam']])
  await owner.ok('POST', `${base}/feeds/${feed}/end`, { ids: [id], forget: true })
  assert.deepEqual(await held(), [])
  const { body } = await publisher.call('GET', `/_matrix/reputation/v1/feeds/${feed}/changes?since=0`)
  const entries = (body.batches as { entries: JsonObject[] }[]).flatMap((batch) => batch.entries)
  const rows = entries.filter(({ op }) => op === 'row')
  assert.equal(rows.length, 1, 'only the row on the other name is left')
  await owner.ok('POST', `${base}/feeds/${feed}/roll-back`, { seq: 1 })
  assert.deepEqual(await held(), [])
})

test('what is severe is only sealed, told by that word, and without a reason', async () => {
  const feed = await openFeed({ tier: 'T2' })
  await say(feed, { entity: '@x:b.example', context: 'm.child_safety.csam', reason_code: 'seen' })
  const { opinions } = await owner.ok('GET', `${base}/feeds/${feed}/opinions`)
  const [only] = opinions as JsonObject[]
  assert.deepEqual([only!.context, only!.reason_code], ['severe', undefined])
  const wrong = [
    { kind: 'event', entity: '$x' },
    { kind: 'user', pattern: '*:evil.example' },
    { kind: 'user', entity: '@x:b.example', context: 'x.undefined' },
    { kind: 'user', entity: '@x:b.example', context: 'm.child_safety', opinion: 50 },
  ]
  for (const one of wrong) {
    const opinion = { context: 'm.spam', opinion: -100, ...one }
    const answer = await owner.call('POST', `${base}/feeds/${feed}/opinions`, { opinions: [opinion] })
    assert.equal(refusalOf(answer), '400 M_INVALID_PARAM', JSON.stringify(one))
  }
  const fewer = { name: 'Sealed', class: 'human', contexts: contexts.toReversed() }
  assert.equal(refusalOf(await owner.call('PUT', `${base}/feeds/${feed}`, fewer)), '400 M_INVALID_PARAM')
})

test('by range, the publisher learns a crowd, and its answers are of one length', async () => {
  const feed = await openFeed({ tier: 'T2' })
  const view = await openView('range', feed, 'range')
  await say(feed, { entity: view.spammer.userId }, { entity: '@other:b.example' })
  const followed = await view.follow()
  assert.deepEqual([followed.health, followed.manner, followed.sealed], ['good', 'range', 0])
  await view.becomes('hide')
  const first = (await ask(feed, 'range', { prefixes: [0] })).body
  assert.deepEqual([first.bits, first.rows, first.seq], [0, {}, 1])
  const { rows } = (await ask(feed, 'range', { bits: 0, prefixes: [0, 0] })).body as { rows: Record<string, string> }
  assert.deepEqual(Object.keys(rows), ['0'])
  assert.equal(Buffer.from(rows['0']!, 'base64url').length, 2 * 76)
  assert.equal(refusalOf(await ask(feed, 'range', { bits: 0, prefixes: [1] })), '400 M_INVALID_PARAM')
  const many = Array.from({ length: reputationLimits.prefixesMax + 1 }, (_, prefix) => prefix)
  assert.equal((await ask(feed, 'range', { bits: 0, prefixes: many })).status, 400)
  const plain = await openFeed({})
  assert.equal(refusalOf(await ask(plain, 'range', { prefixes: [] })), '400 M_INVALID_PARAM')
  const address = addressOf(plain)
  const refused = await view.viewer.call('POST', `${base}/subscriptions`, { address, manner: 'range' })
  assert.equal(refusalOf(refused), '400 M_INVALID_PARAM')
})

test('obliviously, what was asked is not seen, and only servers that say who they are may ask', async () => {
  const feed = await openFeed({ tier: 'T3' })
  const view = await openView('blind', feed, 'copy')
  await say(feed, { entity: view.spammer.userId })
  await view.follow()
  await view.becomes('hide')
  const oprf = await loadOprf()
  const { element } = oprf.blind(oprfInput(parseEntity('user', '@a:b.example')), new Uint8Array(64).fill(7))
  const elements = [encodeBase64(element)]
  assert.equal((await ask(feed, 'oprf', { elements })).status, 401)
  const asServer = (body: object) =>
    server.program.components.remote.calls.askFeed(
      { origin: server.serverName, destination: publisher.serverName } as never,
      `/_matrix/reputation/v1/feeds/${feed}/oprf`,
      body as never,
    )
  const [one, two] = [await asServer({ elements }), await asServer({ elements })]
  assert.deepEqual(one.elements, two.elements)
  await assert.rejects(asServer({ elements: [encodeBase64(new Uint8Array(32).fill(255))] }), /M_INVALID_PARAM/)
  // Nobody tries a dictionary: what a server may ask at once is soon spent, and comes back slowly.
  const full = Array(reputationLimits.oprfElementsMax).fill(elements[0])
  const spend = async () => {
    for (let asked = 0; asked <= reputationLimits.oprfBurst; asked += full.length) await asServer({ elements: full })
  }
  await assert.rejects(spend(), /M_RESOURCE_LIMIT_EXCEEDED/)
  publisher.clock.turn(60_000)
})

test('a narrow feed is read by those it names, and by who was left out no longer', async () => {
  const [stranger, second] = [await server.register('stranger'), await server.register('second')]
  const feed = await openFeed({ audience: 'named', readers: [stranger.userId] })
  const view = await openView('narrow', feed, 'members')
  await say(feed, { entity: view.spammer.userId })
  const setReaders = (readers: string[]) => owner.ok('PUT', `${base}/feeds/${feed}/readers`, { readers })
  const subscription = { address: addressOf(feed), manner: 'members' }
  assert.equal((await view.viewer.call('POST', `${base}/subscriptions`, subscription)).status, 502)
  assert.equal((await publisher.call('GET', `/_matrix/reputation/v1/feeds/${feed}/manifest`)).status, 404)
  await setReaders([view.viewer.userId, second.userId])
  const { source } = await view.follow()
  await view.follow(second)
  await view.becomes('hide')
  const manifest = async () =>
    ((await owner.ok('GET', `${base}/feeds`)).feeds as JsonObject[]).find((f) => f.feed === feed)
  const epoch = async () => ((await manifest())!.manifest as JsonObject).epoch
  const before = await epoch()
  // Who stays reads what is said afterwards, too: with another key.
  await setReaders([view.viewer.userId])
  assert.equal(await epoch(), Number(before) + 1)
  server.clock.turn(reputationLimits.lookAgainMs)
  await view.viewer.ok('POST', `${base}/subscriptions/${source}/look`)
  assert.deepEqual((await second.ok('GET', `${base}/subscriptions`)).subscriptions, [])
  await view.becomes('hide')
  // Nobody here may read it any more: it is gone, with what it said.
  await setReaders([])
  server.clock.turn(reputationLimits.lookAgainMs)
  await view.viewer.call('POST', `${base}/subscriptions/${source}/look`)
  assert.deepEqual((await view.viewer.ok('GET', `${base}/subscriptions`)).subscriptions, [])
  await view.becomes(undefined)
})

test('a new epoch seals all anew, and readers follow it', async () => {
  const feed = await openFeed({ tier: 'T3' })
  const view = await openView('epoch', feed, 'copy')
  await say(feed, { entity: view.spammer.userId })
  const { source } = await view.follow()
  await view.becomes('hide')
  const renewed = await owner.ok('POST', `${base}/feeds/${feed}/epoch`)
  assert.equal(renewed.seq, 2)
  server.clock.turn(reputationLimits.askAgainMs)
  publisher.clock.turn(reputationLimits.askAgainMs)
  await view.viewer.ok('POST', `${base}/subscriptions/${source}/look`)
  await view.becomes('hide')
})
