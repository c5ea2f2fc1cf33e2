/** Edges besides messages: files, spaces and directories, addresses, pages; none is a way to find anything. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { hashImage, lumaOf } from '@parallax/reputation'
import sharp, { type Sharp } from 'sharp'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type MailBox, startMailBox } from '../../kit/mail-box.ts'
import { endTestStores } from '../../kit/store.ts'

const base = '/_parallax/reputation/v1'
let fakes: FakeFeeds
let box: MailBox
let server: InProcess
let admin: TestUser
let amy: TestUser
let ben: TestUser

before(async () => {
  fakes = await startFakeFeeds()
  box = await startMailBox()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  server = await startInProcess(box.environment, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
  ;[admin, amy, ben] = [await server.register('admin'), await server.register('amy'), await server.register('ben')]
  await server.program.components.administration.setAdmin('admin', true)
})
after(async () => {
  await server.close()
  await box.close()
  fakes.close()
  await endTestStores()
})

type Rule = { kind: string; entity: string; value: 'block' | 'allow' }
const block = (kind: string, entity: string): Rule => ({ kind, entity, value: 'block' })
const setServer = (rules: readonly Rule[], subscriptions: readonly object[] = []) =>
  admin.ok('PUT', `${base}/server/lens`, { lens: { subscriptions, rules } })
const setOwn = async (user: TestUser, rules: readonly Rule[], subscriptions: readonly object[] = []) => {
  await user.ok('PUT', `${base}/lenses/default`, { subscriptions, rules })
  await user.ok('PUT', `${base}/lens`, { name: 'default' })
}
const follow = async (user: TestUser, name: string) =>
  Number((await user.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source)

async function send(user: TestUser, method: string, path: string, bytes?: Uint8Array) {
  const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'image/png' }
  const body = bytes === undefined ? {} : { body: Buffer.from(bytes) }
  const answer = await fetch(`${server.baseUrl}${path}`, { method, headers, ...body })
  const isJson = answer.headers.get('content-type')?.startsWith('application/json')
  const text = await answer.arrayBuffer()
  return { status: answer.status, body: isJson ? (JSON.parse(Buffer.from(text).toString()) as JsonObject) : {} }
}
const upload = (user: TestUser, bytes: Uint8Array) => send(user, 'POST', '/_matrix/media/v3/upload', bytes)
const placeOf = (answer: { body: JsonObject }) => String(answer.body.content_uri).slice('mxc://'.length)
const download = (user: TestUser, place: string) => send(user, 'GET', `/_matrix/client/v1/media/download/${place}`)
const codeOf = ({ status, body }: { status: number; body: JsonObject }) =>
  status === 200 ? '200' : `${status} ${body.errcode}`
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('a file that the lens of the server refuses is neither taken nor given, until it is changed', async () => {
  const bytes = Buffer.from('bad bytes')
  const place = placeOf(await upload(amy, bytes))
  await setServer([block('media', `sha256:${sha256Of(bytes)}`)])
  const refused = await upload(amy, bytes)
  assert.equal(codeOf(refused), '403 M_SAFETY')
  assert.deepEqual(refused.body.harms, ['m.other'])
  const { content_uri: name } = await amy.ok('POST', '/_matrix/media/v1/create')
  const fill = `/_matrix/media/v3/upload/${String(name).slice('mxc://'.length)}`
  assert.equal(codeOf(await send(amy, 'PUT', fill, bytes)), '403 M_SAFETY')
  assert.equal(codeOf(await send(amy, 'PUT', fill, Buffer.from('other bytes'))), '200')
  for (const user of [amy, ben, admin]) assert.equal(codeOf(await download(user, place)), '403 M_SAFETY')
  const thumbnail = `/_matrix/client/v1/media/thumbnail/${place}?width=32&height=32`
  assert.equal(codeOf(await send(ben, 'GET', thumbnail)), '403 M_SAFETY')
  await setServer([block('media', `mxc://${place}`)])
  assert.equal(codeOf(await upload(amy, bytes)), '200')
  assert.equal(codeOf(await download(ben, place)), '403 M_SAFETY')
  await setServer([])
  assert.equal(codeOf(await download(ben, place)), '200')
})

/** Blots of light that a perceptual hash can tell apart. */
async function draw(seed: number, side: number) {
  const blots = Array.from({ length: 12 }, (_, at) => {
    const [x, y, r] = [(at * 37 + seed * 53) % 100, (at * 61 + seed * 29) % 100, 8 + ((at * seed) % 17)]
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="rgb(${(at * 83) % 255},${(at * seed * 31) % 255},200)"/>`
  }).join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${side}" height="${side}">`
  return sharp(Buffer.from(`${svg}<rect width="100" height="100" fill="#222"/>${blots}</svg>`)).flatten()
}

async function lookOf(picture: Sharp): Promise<string> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return hashImage(lumaOf(data, 3), info.width, info.height)!.hash
}

test('a picture that looks like one that an enforced feed names is refused, until that is taken back', async () => {
  const feed = fakes.open('pictures')
  const hash = await lookOf(await draw(3, 512))
  const [smaller, other] = [
    await (await draw(3, 300)).jpeg({ quality: 60 }).toBuffer(),
    await (await draw(8, 300)).png().toBuffer(),
  ]
  const place = placeOf(await upload(amy, smaller))
  const ids = fakes.say(feed, server.clock.nowMs(), [{ kind: 'media', entity: `pdq:${hash}` }])
  const source = await follow(admin, 'pictures')
  await setServer([], [{ source, trust: { '*': 'good' }, mode: 'enforce' }])
  assert.equal(codeOf(await upload(ben, smaller)), '403 M_SAFETY')
  assert.deepEqual((await upload(ben, smaller)).body.harms, ['m.spam'])
  assert.equal(codeOf(await download(ben, place)), '403 M_SAFETY')
  assert.equal(codeOf(await upload(ben, other)), '200')
  fakes.retract(feed, server.clock.nowMs(), ids)
  server.clock.turn(2_000)
  await admin.ok('POST', `${base}/subscriptions/${source}/look`)
  assert.equal(codeOf(await download(ben, place)), '200')
  await setServer([block('media', `pdq:${hash}`)])
  assert.equal(codeOf(await upload(ben, smaller)), '403 M_SAFETY')
  await setServer([])
})

test("a reader's own lens keeps a file from that reader alone, says why, and one rule gives it back", async () => {
  const bytes = Buffer.from('contested bytes')
  const place = placeOf(await upload(amy, bytes))
  const entity = `sha256:${sha256Of(bytes)}`
  for (const name of ['first', 'second']) {
    fakes.say(fakes.open(name), server.clock.nowMs(), [{ kind: 'media', entity }])
  }
  const trusted = async (name: string) => ({ source: await follow(ben, name), trust: { '*': 'strong' }, mode: 'blend' })
  await setOwn(ben, [], [await trusted('first'), await trusted('second')])
  const kept = await download(ben, place)
  assert.equal(codeOf(kept), '403 M_SAFETY')
  const { action, explanation_id: id } = kept.body['org.parallax.reputation'] as JsonObject
  assert.equal(action, 'hide')
  const why = await ben.ok('GET', `${base}/explanations/${id}`)
  assert.deepEqual([why.action, why.support, why.entity], ['hide', 2, entity])
  assert.equal(codeOf(await download(amy, place)), '200')
  assert.equal(codeOf(await upload(ben, bytes)), '200')
  await ben.ok('PUT', `${base}/rules`, { kind: 'media', entity, value: 'allow' })
  assert.equal(codeOf(await download(ben, place)), '200')
  await ben.ok('PUT', `${base}/lens`, { name: null })
})

test('spaces and the directory leave out what the lens of the server or the reader keeps back', async () => {
  const open = { preset: 'public_chat', visibility: 'public' }
  const make = async (user: TestUser, more: object = {}) =>
    String((await user.ok('POST', 'createRoom', { ...open, ...more })).room_id)
  const [good, bad, by] = [await make(amy), await make(amy), await make(ben)]
  const space = await make(amy, { creation_content: { type: 'm.space' } })
  for (const room of [good, bad, by]) {
    await amy.ok('PUT', `rooms/${space}/state/m.space.child/${room}`, { via: [server.serverName] })
  }
  const tree = async (user: TestUser) => {
    const { rooms } = await user.ok('GET', `/_matrix/client/v1/rooms/${space}/hierarchy`)
    return (rooms as JsonObject[]).map((room) => String(room.room_id)).sort()
  }
  const listed = async (user: TestUser, method: string) => {
    const { chunk } = await user.ok(method, 'publicRooms', method === 'POST' ? {} : undefined)
    return (chunk as JsonObject[]).map((room) => String(room.room_id)).sort()
  }
  const all = [good, bad, by, space].sort()
  assert.deepEqual(await tree(admin), all)
  assert.deepEqual(await listed(admin, 'GET'), all)
  await setOwn(admin, [block('room', bad), { kind: 'room', entity: '!elsewhere:b.example', value: 'allow' }])
  for (const seen of [await tree(admin), await listed(admin, 'GET'), await listed(admin, 'POST')]) {
    assert.deepEqual(seen, [good, by, space].sort())
  }
  assert.deepEqual(await tree(ben), all)
  await setOwn(admin, [block('user', ben.userId), block('space', space)])
  // What one asks for by name is there.
  assert.deepEqual(await tree(admin), [good, bad, space].sort())
  assert.deepEqual(await listed(admin, 'GET'), [good, bad].sort())
  await admin.ok('PUT', `${base}/lens`, { name: null })
  await setServer([block('room', bad)])
  assert.deepEqual(await tree(ben), [good, by, space].sort())
  assert.deepEqual(await listed(ben, 'POST'), [good, by, space].sort())
  await setServer([block('space', space)])
  assert.equal(refusalOf(await ben.call('GET', `/_matrix/client/v1/rooms/${space}/hierarchy`)), '403 M_FORBIDDEN')
  await setServer([])
})

test('addresses of domains that the server keeps out make no accounts; new passwords are had as ever', async () => {
  const ask = (path: string, email: string) =>
    server.call('POST', `${path}/email/requestToken`, { body: { email, client_secret: 'secret', send_attempt: 1 } })
  await setServer([block('domain', 'throwaway.example')])
  for (const domain of ['throwaway.example', 'mail.throwaway.example', 'THROWAWAY.example']) {
    assert.equal(refusalOf(await ask('register', `x@${domain}`)), '403 M_SAFETY', domain)
    assert.equal(refusalOf(await ask('account/3pid', `x@${domain}`)), '403 M_SAFETY', domain)
  }
  assert.equal((await ask('register', 'x@nothrowaway.example')).status, 200)
  assert.equal((await ask('register', 'x@example')).status, 200)
  assert.equal((await ask('account/password', 'x@throwaway.example')).status, 200)
  await setServer([])
  const { body } = await ask('register', 'late@throwaway.example')
  const link = box.linkTo('late@throwaway.example')
  await fetch(`${server.baseUrl}${link.pathname}`, { method: 'POST', body: link.searchParams })
  await setServer([block('domain', 'throwaway.example')])
  const auth = { type: 'm.login.email.identity', threepid_creds: { sid: body.sid, client_secret: 'secret' } }
  const wish = { username: 'late', password: 'a long password', auth }
  assert.equal(refusalOf(await server.call('POST', 'register', { body: wish })), '403 M_SAFETY')
  await setServer([])
  assert.equal((await server.call('POST', 'register', { body: wish })).status, 200)
})

test('pages of domains that a lens keeps back are not fetched', async () => {
  const page = (user: TestUser, host: string) =>
    user.call('GET', `/_matrix/client/v1/media/preview_url?url=${encodeURIComponent(`http://${host}/a`)}`)
  await setOwn(ben, [block('domain', 'bad.example')])
  assert.equal(refusalOf(await page(ben, 'www.bad.example')), '403 M_SAFETY')
  assert.notEqual(refusalOf(await page(amy, 'www.bad.example')), '403 M_SAFETY')
  await setServer([block('url', 'http://other.example/a')])
  assert.equal(refusalOf(await page(amy, 'other.example')), '403 M_SAFETY')
  await setServer([])
  await ben.ok('PUT', `${base}/lens`, { name: null })
})
