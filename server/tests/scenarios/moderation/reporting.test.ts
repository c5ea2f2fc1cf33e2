/** Users report rooms, events and users; admins read it. Spec: client-server-api#reporting-content. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

type Report = { reporter: string; room_id?: string; event_id?: string; user_id?: string; reason: string }

describe('reports', () => {
  let server: InProcess
  let admin: TestUser
  let ann: TestUser
  let bob: TestUser
  let room: string

  before(async () => {
    server = await startInProcess()
    const root = await server.register('root')
    await server.program.components.administration.setAdmin('root', true)
    admin = await server.logIn(root)
    ann = await server.register('ann')
    bob = await server.register('bob')
    room = String((await ann.ok('POST', 'createRoom', { preset: 'private_chat' })).room_id)
  })
  after(() => server.close())

  const listed = async (query = '') =>
    (await admin.ok('GET', `/_parallax/admin/v1/reports${query}`)) as { reports: Report[]; next_below?: number }

  it('reach the admins, newest first', async () => {
    const { event_id: event } = await ann.ok('PUT', `rooms/${room}/send/m.room.message/1`, { body: 'no' })
    await bob.ok('POST', `rooms/${room}/report`, { reason: 'from outside' })
    await ann.ok('POST', `rooms/${room}/report/${event}`, { reason: 'rude \u0000 words', score: -100 })
    await ann.ok('POST', `rooms/${room}/report/${event}`, {})
    await ann.ok('POST', `users/${bob.userId}/report`, { reason: '' })
    const { reports } = await listed()
    assert.deepEqual(
      reports.map((report) => [report.reporter, report.room_id, report.event_id, report.user_id, report.reason]),
      [
        [ann.userId, undefined, undefined, bob.userId, ''],
        [ann.userId, room, event, undefined, ''],
        [ann.userId, room, event, undefined, 'rude \uFFFD words'],
        [bob.userId, room, undefined, undefined, 'from outside'],
      ],
    )
    const first = await listed('?limit=3')
    assert.equal(first.reports.length, 3)
    assert.deepEqual((await listed(`?limit=3&below=${first.next_below}`)).reports, reports.slice(3))
    assert.equal(refusalOf(await ann.call('GET', '/_parallax/admin/v1/reports')), '403 M_FORBIDDEN')
  })

  it('are refused for what the reporter cannot see', async () => {
    const { event_id: event } = await ann.ok('PUT', `rooms/${room}/send/m.room.message/2`, { body: 'secret' })
    const count = (await listed()).reports.length
    const body = { reason: 'guess' }
    assert.equal(refusalOf(await bob.call('POST', `rooms/${room}/report/${event}`, body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ann.call('POST', `rooms/${room}/report/$unknown`, body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ann.call('POST', 'rooms/!unknown/report', body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ann.call('POST', 'users/@nobody:test.example/report', body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ann.call('POST', 'users/@nobody:else.example/report', body)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ann.call('POST', `rooms/${room}/report`, {})), '400 M_MISSING_PARAM')
    const long = { reason: 'x'.repeat(10_001) }
    assert.equal(refusalOf(await ann.call('POST', `rooms/${room}/report`, long)), '413 M_TOO_LARGE')
    assert.equal((await listed()).reports.length, count)
  })

  it('of one user push out that user’s oldest', async () => {
    const { moderation, users } = server.program.components
    const carl = await server.register('carl')
    const { user } = (await users.findAccount(carl.userId as never))!
    const caller = { userId: carl.userId as never, user, isAdmin: false }
    for (let index = 0; index <= 500; index++) await moderation.reportRoom(caller, room as never, `${index}`)
    let reasons: string[] = []
    for (let below: number | undefined, more = true; more; more = below !== undefined) {
      const page = await listed(below === undefined ? '' : `?below=${below}`)
      reasons = [...reasons, ...page.reports.filter((one) => one.reporter === carl.userId).map((one) => one.reason)]
      below = page.next_below
    }
    assert.deepEqual([reasons.length, reasons[0], reasons.at(-1)], [500, '500', '1'])
  })
})
