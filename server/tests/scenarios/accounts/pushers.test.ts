/** Pushers: where a user's notifications go. Spec: client-server-api#push-notifications. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

const pusher = {
  app_id: 'org.example.app',
  pushkey: 'key',
  kind: 'http',
  app_display_name: 'App',
  device_display_name: 'Phone',
  lang: 'en',
  data: { url: 'https://push.example/_matrix/push/v1/notify', format: 'event_id_only', own: [1] },
}

describe('pushers', () => {
  let server: InProcess

  before(async () => {
    server = await startInProcess()
  })
  after(() => server.close())

  const pushersOf = async (user: TestUser) => (await user.ok('GET', 'pushers')).pushers
  const set = (user: TestUser, more: object = {}) => user.call('POST', 'pushers/set', { ...pusher, ...more })
  const remove = (user: TestUser) =>
    user.ok('POST', 'pushers/set', { app_id: pusher.app_id, pushkey: pusher.pushkey, kind: null })

  it('are set, replaced and taken away', async () => {
    const ann = await server.register('ann')
    assert.deepEqual(await pushersOf(ann), [])
    assert.deepEqual((await set(ann)).body, {})
    assert.deepEqual(await pushersOf(ann), [pusher])
    await set(ann, { lang: 'de', profile_tag: 'tag', append: true })
    await set(ann, { pushkey: 'other' })
    await server.restart()
    assert.deepEqual(await pushersOf(ann), [
      { ...pusher, lang: 'de', profile_tag: 'tag' },
      { ...pusher, pushkey: 'other' },
    ])
    await remove(ann)
    await remove(ann)
    assert.deepEqual(await pushersOf(ann), [{ ...pusher, pushkey: 'other' }])
  })

  it('move to the user who set the same key last, unless that user appends', async () => {
    const [ben, cleo] = [await server.register('ben'), await server.register('cleo')]
    await set(ben)
    await set(cleo, { append: true })
    assert.deepEqual([await pushersOf(ben), await pushersOf(cleo)], [[pusher], [pusher]])
    await set(cleo)
    assert.deepEqual([await pushersOf(ben), await pushersOf(cleo)], [[], [pusher]])
  })

  it('go with the device that set them', async () => {
    const dan = await server.register('dan')
    const phone = await server.logIn(dan)
    await set(dan, { pushkey: 'desk' })
    await set(phone, { pushkey: 'phone' })
    await phone.ok('POST', 'logout')
    assert.deepEqual(await pushersOf(dan), [{ ...pusher, pushkey: 'desk' }])
  })

  it('are refused where no notification could go', async () => {
    const eva = await server.register('eva')
    const wrong: [object, string][] = [
      [{ kind: 'carrier-pigeon' }, '400 M_INVALID_PARAM'],
      [{ kind: 'email', app_id: 'm.email', pushkey: 'eva@example.org' }, '400 M_INVALID_PARAM'],
      [{ data: {} }, '400 M_INVALID_PARAM'],
      [{ data: { url: 'http://push.example/_matrix/push/v1/notify' } }, '400 M_INVALID_PARAM'],
      [{ data: { url: 'https://push.example/elsewhere' } }, '400 M_INVALID_PARAM'],
      [{ app_id: 'x'.repeat(65) }, '400 M_INVALID_PARAM'],
      [{ pushkey: 'ö'.repeat(257) }, '400 M_INVALID_PARAM'],
      [{ pushkey: 'a\u0000b' }, '400 M_BAD_JSON'],
      [{ lang: undefined }, '400 M_MISSING_PARAM'],
      [{ app_display_name: 5 }, '400 M_BAD_JSON'],
      [{ data: { ...pusher.data, more: 'x'.repeat(9000) } }, '413 M_TOO_LARGE'],
    ]
    for (const [more, refusal] of wrong) assert.equal(refusalOf(await set(eva, more)), refusal, JSON.stringify(more))
    assert.deepEqual(await pushersOf(eva), [])
  })

  it('are at most a hundred', async () => {
    const finn = await server.register('finn')
    for (let index = 0; index < 100; index++) await set(finn, { pushkey: `key ${index}` })
    assert.equal(refusalOf(await set(finn, { pushkey: 'one more' })), '429 M_LIMIT_EXCEEDED')
    assert.equal((await set(finn, { pushkey: 'key 7', lang: 'fr' })).status, 200)
  })
})
