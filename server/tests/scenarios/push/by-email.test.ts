/** Notifications by e-mail, with a real SMTP server: late, together, and only what stayed unread. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type MailBox, startMailBox } from '../../kit/mail-box.ts'
import { waitFor } from '../../kit/wait-for.ts'

const MINUTE_MS = 60_000
let box: MailBox
let server: InProcess
let ann: TestUser
let ben: TestUser
let roomId: string
let count = 0

before(async () => {
  box = await startMailBox()
  server = await startInProcess(box.environment)
  ann = await server.register('ann')
  ben = await server.register('ben')
  roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', name: 'The garden' })).room_id)
  await ben.ok('POST', `join/${roomId}`)
  await addAddress(ben, 'ben@example.org')
})
after(async () => {
  await server.close()
  await box.close()
})

async function addAddress(user: TestUser, address: string): Promise<void> {
  const body = { email: address, client_secret: 's', send_attempt: 1 }
  const { sid } = (await server.call('POST', 'account/3pid/email/requestToken', { body })).body
  const link = box.linkTo(address)
  await fetch(`${server.baseUrl}${link.pathname}`, { method: 'POST', body: link.searchParams })
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.userId },
    password: user.password,
  }
  await user.ok('POST', 'account/3pid/add', { sid, client_secret: 's', auth })
}

const setPusher = (user: TestUser, pushkey: string, kind: string | null = 'email') =>
  user.call('POST', 'pushers/set', {
    app_id: 'm.email',
    pushkey,
    kind,
    app_display_name: 'E-mail',
    device_display_name: pushkey,
    lang: 'en',
    data: { brand: 'Example' },
  })
const say = async (body: string, type = 'm.room.message') =>
  String((await ann.ok('PUT', `rooms/${roomId}/send/${type}/${++count}`, { msgtype: 'm.text', body })).event_id)
/** Waits until ben was notified of the event. */
const awaitNoticed = (eventId: string) =>
  waitFor('the notification', async () => {
    const { notifications } = (await ben.ok('GET', 'notifications')) as {
      notifications: { event: { event_id: string } }[]
    }
    return notifications.some(({ event }) => event.event_id === eventId) ? true : undefined
  })
const lettersOf = (address: string) =>
  box.letters.filter(({ to, raw }) => to.includes(address) && raw.includes('Subject: New messages'))

test('only an address of one’s own can be written to', async () => {
  assert.equal(refusalOf(await setPusher(ben, 'ann@example.org')), '400 M_THREEPID_NOT_FOUND')
  assert.equal((await setPusher(ben, 'ben@example.org')).status, 200)
  const silent = await startInProcess()
  try {
    assert.equal(refusalOf(await setPusher(await silent.register('cy'), 'cy@example.org')), '400 M_INVALID_PARAM')
  } finally {
    await silent.close()
  }
})

test('what stays unread for a while comes in one letter; what was read does not', async () => {
  await ben.ok('POST', `rooms/${roomId}/receipt/m.read/${encodeURIComponent(await say('read at once'))}`, {})
  await say('the beans & <peas>')
  await awaitNoticed(await say('', 'm.room.encrypted'))
  server.clock.turn(5 * MINUTE_MS)
  await sleep(200)
  assert.equal(lettersOf('ben@example.org').length, 0)
  server.clock.turn(6 * MINUTE_MS)
  const [letter] = await waitFor('the letter', () => {
    const letters = lettersOf('ben@example.org')
    return letters.length > 0 ? letters : undefined
  })
  const text = letter!.raw.replaceAll(/=\r?\n/g, '')
  assert.match(text, /@ann:test.example in The garden: the beans & <peas>/)
  assert.match(text, /the beans &#38; &#60;peas&#62;/)
  assert.match(text, /an encrypted message/)
  assert.doesNotMatch(text, /read at once/)
})

test('the next letter is not sooner than an hour after; without the pusher there is none', async () => {
  await awaitNoticed(await say('soon after'))
  server.clock.turn(30 * MINUTE_MS)
  await sleep(200)
  assert.equal(lettersOf('ben@example.org').length, 1)
  server.clock.turn(31 * MINUTE_MS)
  await waitFor('the second letter', () => (lettersOf('ben@example.org').length === 2 ? true : undefined))
  assert.equal((await setPusher(ben, 'ben@example.org', null)).status, 200)
  await say('nobody hears')
  await sleep(200)
  server.clock.turn(3 * 60 * MINUTE_MS)
  await sleep(200)
  assert.equal(lettersOf('ben@example.org').length, 2)
})
