/** What users keep on the server: profile, account data, tags, filters, push rules. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let vera: TestUser
let willi: TestUser
before(async () => {
  server = await startInProcess()
  vera = await server.register('vera')
  willi = await server.register('willi')
})
after(async () => {
  await server.close()
  await endTestStores()
})

/** Global account data events of a sync by type. */
function accountDataOf(sync: JsonObject): Map<string, JsonObject> {
  const { events = [] } = (sync.account_data ?? {}) as { events?: { type: string; content: JsonObject }[] }
  return new Map(events.map(({ type, content }) => [type, content]))
}

describe('a profile', () => {
  const field = (name: string) => `profile/${vera.userId}/${name}`

  it('has fields that anyone may read and only the user may change', async () => {
    await vera.ok('PUT', field('displayname'), { displayname: 'Vera' })
    await vera.ok('PUT', field('avatar_url'), { avatar_url: 'mxc://test.example/face' })
    await vera.ok('PUT', field('m.tz'), { 'm.tz': 'Europe/Berlin' })
    await vera.ok('PUT', field('org.example.key'), { 'org.example.key': { any: ['json'] } })
    const { body } = await server.call('GET', `profile/${vera.userId}`)
    assert.deepEqual(body, {
      displayname: 'Vera',
      avatar_url: 'mxc://test.example/face',
      'm.tz': 'Europe/Berlin',
      'org.example.key': { any: ['json'] },
    })
    assert.deepEqual((await server.call('GET', field('displayname'))).body, { displayname: 'Vera' })
    const refused = await willi.call('PUT', field('displayname'), { displayname: 'Hacked' })
    assert.equal(refusalOf(refused), '403 M_FORBIDDEN')
  })

  it('loses a field that is deleted', async () => {
    await vera.ok('PUT', field('org.example.gone'), { 'org.example.gone': null })
    assert.deepEqual((await server.call('GET', field('org.example.gone'))).body, { 'org.example.gone': null })
    await vera.ok('DELETE', field('org.example.gone'))
    assert.equal(refusalOf(await server.call('GET', field('org.example.gone'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await willi.call('DELETE', field('displayname'))), '403 M_FORBIDDEN')
  })

  it('is not found for users who do not exist', async () => {
    assert.equal(refusalOf(await server.call('GET', 'profile/@nobody:test.example')), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await server.call('GET', 'profile/@nobody:test.example/displayname')), '404 M_NOT_FOUND')
  })

  it('refuses values of the wrong kind, bad names and what is too large', async () => {
    const put = (name: string, body: object) => vera.call('PUT', field(encodeURIComponent(name)), body)
    assert.equal(refusalOf(await put('displayname', { displayname: 1 })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put('avatar_url', { avatar_url: ['https://x'] })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put('displayname', { other: 'x' })), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await put('Upper', { Upper: 1 })), '400 M_INVALID_PARAM')
    assert.equal((await put(`a${'x'.repeat(254)}`, { [`a${'x'.repeat(254)}`]: 1 })).status, 200)
    const long = `a${'x'.repeat(255)}`
    assert.equal(refusalOf(await put(long, { [long]: 1 })), '400 M_KEY_TOO_LARGE')
    const large = await put('org.example.large', { 'org.example.large': 'x'.repeat(65_536) })
    assert.equal(refusalOf(large), '400 M_PROFILE_TOO_LARGE')
  })

  it('shows in rooms: member events follow name and avatar', async () => {
    const { room_id: roomId } = await vera.ok('POST', 'createRoom', {})
    await vera.ok('PUT', field('displayname'), { displayname: 'Vera the Second' })
    const member = await vera.ok('GET', `rooms/${roomId}/state/m.room.member/${vera.userId}`)
    assert.equal(member.displayname, 'Vera the Second')
    assert.equal(member.membership, 'join')
    const { next_batch: since } = await vera.ok('GET', 'sync')
    await vera.ok('PUT', field('displayname'), { displayname: 'Vera the Second' })
    const { rooms } = await vera.ok('GET', `sync?since=${since}`)
    assert.equal(rooms, undefined, 'the same name again changes nothing')
  })
})

describe('account data', () => {
  const path = (type: string, user = vera) => `user/${user.userId}/account_data/${type}`

  it('is kept, replaced and told by sync', async () => {
    await vera.ok('PUT', path('org.example.a'), { number: 1 })
    const { next_batch: since } = await vera.ok('GET', 'sync')
    await vera.ok('PUT', path('org.example.a'), { number: 2 })
    assert.deepEqual(await vera.ok('GET', path('org.example.a')), { number: 2 })
    const changed = accountDataOf(await vera.ok('GET', `sync?since=${since}`))
    assert.deepEqual([...changed], [['org.example.a', { number: 2 }]])
    assert.deepEqual(accountDataOf(await vera.ok('GET', 'sync')).get('org.example.a'), { number: 2 })
  })

  it('wakes a sync that waits', async () => {
    const { next_batch: since } = await vera.ok('GET', 'sync')
    const waiting = vera.ok('GET', `sync?since=${since}&timeout=10000`)
    await vera.ok('PUT', path('org.example.b'), { woken: true })
    assert.deepEqual(accountDataOf(await waiting).get('org.example.b'), { woken: true })
  })

  it('is nobody else’s business', async () => {
    assert.equal(refusalOf(await willi.call('PUT', path('org.example.a'), {})), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await willi.call('GET', path('org.example.a'))), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await vera.call('GET', path('org.example.none'))), '404 M_NOT_FOUND')
  })

  it('refuses types that the server manages, bodies that are no objects, and what is too large', async () => {
    for (const type of ['m.push_rules', 'm.fully_read']) {
      assert.equal(refusalOf(await vera.call('PUT', path(type), {})), '405 M_BAD_JSON')
    }
    assert.equal(refusalOf(await vera.call('PUT', path('org.example.a'), '[]')), '400 M_BAD_JSON')
    assert.equal(refusalOf(await vera.call('PUT', path('org.example.a'), 'no JSON')), '400 M_NOT_JSON')
    const large = await vera.call('PUT', path('org.example.a'), { text: 'x'.repeat(262_144) })
    assert.equal(refusalOf(large), '413 M_TOO_LARGE')
    assert.equal(refusalOf(await vera.call('PUT', path('x'.repeat(256)), {})), '400 M_INVALID_PARAM')
  })

  it('is kept for rooms too, with tags', async () => {
    const { room_id: roomId } = await vera.ok('POST', 'createRoom', {})
    const room = `user/${vera.userId}/rooms/${roomId}`
    assert.deepEqual(await vera.ok('GET', `${room}/tags`), { tags: {} })
    await vera.ok('PUT', `${room}/account_data/org.example.a`, { here: true })
    await vera.ok('PUT', `${room}/tags/m.favourite`, { order: 0.5 })
    await vera.ok('PUT', `${room}/tags/u.work`, {})
    await vera.ok('DELETE', `${room}/tags/u.work`)
    assert.deepEqual(await vera.ok('GET', `${room}/tags`), { tags: { 'm.favourite': { order: 0.5 } } })
    assert.deepEqual(await vera.ok('GET', `${room}/account_data/org.example.a`), { here: true })
    const { rooms } = (await vera.ok('GET', 'sync')) as { rooms: { join: Record<string, JsonObject> } }
    const types = [...accountDataOf(rooms.join[String(roomId)]!).keys()].sort()
    assert.deepEqual(types, ['m.tag', 'org.example.a'])
    assert.equal(refusalOf(await vera.call('GET', `${room}/account_data/org.example.none`)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await vera.call('PUT', `${room}/account_data/m.fully_read`, {})), '405 M_BAD_JSON')
    const elsewhere = `user/${vera.userId}/rooms/!unknown:test.example/account_data/org.example.a`
    assert.equal(refusalOf(await vera.call('PUT', elsewhere, {})), '403 M_FORBIDDEN')
    const foreign = await willi.call('PUT', `user/${willi.userId}/rooms/${roomId}/tags/u.x`, {})
    assert.equal(refusalOf(foreign), '403 M_FORBIDDEN')
    const bad = await vera.call('PUT', `user/${vera.userId}/rooms/nonsense/account_data/a`, {})
    assert.equal(refusalOf(bad), '400 M_INVALID_PARAM')
  })
})

describe('filters', () => {
  it('are kept once and only for their user', async () => {
    const path = `user/${vera.userId}/filter`
    const { filter_id: id } = await vera.ok('POST', path, { room: { timeline: { limit: 3 } } })
    const { filter_id: again } = await vera.ok('POST', path, { room: { timeline: { limit: 3 } } })
    const { filter_id: other } = await vera.ok('POST', path, { room: { timeline: { limit: 4 } } })
    assert.equal(again, id)
    assert.notEqual(other, id)
    assert.deepEqual(await vera.ok('GET', `${path}/${id}`), { room: { timeline: { limit: 3 } } })
    assert.equal(refusalOf(await vera.call('GET', `${path}/999`)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await vera.call('GET', `${path}/nonsense`)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await willi.call('GET', `${path}/${id}`)), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await willi.call('POST', path, {})), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await vera.call('POST', path, { room: { timeline: { limit: 'x' } } })), '400 M_BAD_JSON')
    for (const timeline of [{ rooms: ['nonsense'] }, { senders: ['nonsense'] }]) {
      assert.equal(refusalOf(await vera.call('POST', path, { room: { timeline } })), '400 M_BAD_JSON')
    }
    const large = await vera.call('POST', path, { event_fields: ['x'.repeat(65_536)] })
    assert.equal(refusalOf(large), '413 M_TOO_LARGE')
  })
})

describe('push rules', () => {
  const rule = (kind: string, id: string, more = '') => `pushrules/global/${kind}/${encodeURIComponent(id)}${more}`
  const idsOf = async (kind: string) => {
    const ruleset = (await vera.ok('GET', 'pushrules/global/')) as Record<string, { rule_id: string }[]>
    return ruleset[kind]!.map(({ rule_id: id }) => id).filter((id) => !id.startsWith('.'))
  }

  it('are added in their place, changed and removed, and told by sync', async () => {
    const { next_batch: since } = await vera.ok('GET', 'sync')
    await vera.ok('PUT', rule('content', 'a'), { pattern: 'a', actions: ['notify'] })
    await vera.ok('PUT', rule('content', 'b'), { pattern: 'b', actions: ['notify'] })
    await vera.ok('PUT', rule('content', 'c', '?after=b'), { pattern: 'c', actions: [] })
    await vera.ok('PUT', rule('content', 'd', '?before=a'), { pattern: 'd', actions: [] })
    assert.deepEqual(await idsOf('content'), ['b', 'c', 'd', 'a'])
    await vera.ok('PUT', rule('content', 'a', '/enabled'), { enabled: false })
    assert.deepEqual(await vera.ok('GET', rule('content', 'a', '/enabled')), { enabled: false })
    await vera.ok('PUT', rule('content', 'a', '/actions'), { actions: [{ set_tweak: 'highlight' }] })
    assert.deepEqual(await vera.ok('GET', rule('content', 'a', '/actions')), { actions: [{ set_tweak: 'highlight' }] })
    assert.equal((await vera.ok('GET', rule('content', 'a'))).enabled, false)
    await vera.ok('DELETE', rule('content', 'd'))
    const told = accountDataOf(await vera.ok('GET', `sync?since=${since}`)).get('m.push_rules')
    assert.deepEqual(told, await vera.ok('GET', 'pushrules/'))
    await server.restart()
    assert.deepEqual(await idsOf('content'), ['b', 'c', 'a'])
  })

  it('of a kind that only a proposal knows are not there, rather than wrong to ask for', async () => {
    assert.equal(refusalOf(await vera.call('GET', rule('postcontent', '.io.example.rule'))), '404 M_NOT_FOUND')
  })

  it('of the server can be switched off and changed, but not removed', async () => {
    await vera.ok('PUT', rule('override', '.m.rule.master', '/enabled'), { enabled: true })
    assert.deepEqual(await vera.ok('GET', rule('override', '.m.rule.master', '/enabled')), { enabled: true })
    await vera.ok('PUT', rule('underride', '.m.rule.message', '/actions'), { actions: [] })
    assert.equal(refusalOf(await vera.call('DELETE', rule('override', '.m.rule.master'))), '404 M_NOT_FOUND')
  })

  it('that do not exist or make no sense are refused', async () => {
    const put = (path: string, body: object) => vera.call('PUT', path, body)
    assert.equal(refusalOf(await vera.call('GET', rule('content', 'none'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await put(rule('content', 'none', '/enabled'), { enabled: true })), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await put(rule('content', 'none', '/actions'), { actions: [] })), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await vera.call('GET', rule('content', 'none', '/enabled'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await vera.call('GET', rule('content', 'none', '/actions'))), '404 M_NOT_FOUND')
    const body = { pattern: 'x', actions: [] }
    assert.equal(refusalOf(await put(rule('content', 'x', '?before=none'), body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await put(rule('content', '.mine'), body)), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put(rule('content', 'x'), { actions: [] })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put(rule('content', 'x'), { pattern: 'x' })), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await put(rule('nonsense', 'x'), body)), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put(rule('content', 'a', '/actions'), { actions: [1] })), '400 M_INVALID_PARAM')
  })
})
