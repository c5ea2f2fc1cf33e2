/** What somebody gains who guesses, repeats or races the confirmations of e-mail addresses: nothing. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type MailBox, startMailBox } from '../../kit/mail-box.ts'

let box: MailBox
let server: InProcess
before(async () => {
  box = await startMailBox()
  server = await startInProcess(box.environment)
})
after(async () => {
  await server.close()
  await box.close()
})

const request = (path: string, email: string, more: object = {}) =>
  server.call('POST', `${path}/email/requestToken`, {
    body: { email, client_secret: 'secret', send_attempt: 1, ...more },
  })
const press = (link: URL, changed: Record<string, string> = {}) => {
  const body = new URLSearchParams({ ...Object.fromEntries(link.searchParams), ...changed })
  return fetch(`${server.baseUrl}${link.pathname}`, { method: 'POST', body })
}
const stage = (sid: unknown) => ({
  type: 'm.login.email.identity',
  threepid_creds: { sid, client_secret: 'secret' },
})
const passwordOf = (user: TestUser, identifier: object = { type: 'm.id.user', user: user.userId }) => ({
  type: 'm.login.password',
  identifier,
  password: user.password,
})
const count = (statuses: number[], wanted: number) => statuses.filter((status) => status === wanted).length

async function withAddress(name: string): Promise<TestUser> {
  const user = await server.register(name)
  const { body } = await request('account/3pid', `${name}@example.org`)
  await press(box.linkTo(`${name}@example.org`))
  await user.ok('POST', 'account/3pid/add', { sid: body.sid, client_secret: 'secret', auth: passwordOf(user) })
  return user
}

test('guessed tokens open nothing, however many', async () => {
  const { body } = await request('register', 'ann@example.org')
  const link = box.linkTo('ann@example.org')
  for (let round = 0; round < 20; round++) {
    const guesses = Array.from({ length: 50 }, (_, at) => press(link, { token: `confirm_${round * 50 + at}` }))
    for (const reply of await Promise.all(guesses)) assert.equal(reply.status, 400)
  }
  for (const token of ['', '\0', "' OR 1=1 --", 'x'.repeat(7_000)])
    assert.equal((await press(link, { token })).status, 400)
  const wish = { username: 'ann', password: 'a long password', auth: stage(body.sid) }
  assert.equal((await server.call('POST', 'register', { body: wish })).status, 401)
  assert.equal((await press(link)).status, 200)
})

test('one link opened many times at once confirms once', async () => {
  await request('register', 'bob@example.org')
  const link = box.linkTo('bob@example.org')
  const replies = await Promise.all(Array.from({ length: 10 }, () => press(link)))
  const statuses = replies.map(({ status }) => status)
  assert.deepEqual([count(statuses, 200), count(statuses, 400)], [1, 9])
})

test('one confirmation makes one account, also when many are asked for at once', async () => {
  const { body } = await request('register', 'cid@example.org')
  await press(box.linkTo('cid@example.org'))
  const tries = Array.from({ length: 6 }, (_, at) =>
    server.call('POST', 'register', {
      body: { username: `cid${at}`, password: 'a long password', auth: stage(body.sid) },
    }),
  )
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  assert.equal(count(statuses, 200), 1, String(statuses))
  assert.equal(count(statuses, 500), 0, String(statuses))
})

test('two people confirm one address; the first who adds it has it', async () => {
  const [dan, eve] = [await server.register('dan'), await server.register('eve')]
  const sids: unknown[] = []
  for (const secret of ['one', 'two']) {
    sids.push((await request('account/3pid', 'shared@example.org', { client_secret: secret })).body.sid)
    await press(box.linkTo('shared@example.org'))
  }
  const add = (user: TestUser, sid: unknown, secret: string) =>
    user.call('POST', 'account/3pid/add', { sid, client_secret: secret, auth: passwordOf(user) })
  assert.equal((await add(dan, sids[0], 'one')).status, 200)
  assert.equal(refusalOf(await add(eve, sids[1], 'two')), '400 M_THREEPID_IN_USE')
})

test('a session that was used does not come back when its letter was still under way', async () => {
  const finn = await withAddress('finn')
  const { body } = await request('account/password', 'finn@example.org')
  await press(box.linkTo('finn@example.org'))
  box.delayMs = 300
  const again = request('account/password', 'finn@example.org', { send_attempt: 2 })
  await new Promise((resolve) => setTimeout(resolve, 100))
  const reset = { new_password: 'the second password', auth: stage(body.sid) }
  assert.equal((await server.call('POST', 'account/password', { body: reset })).status, 200)
  assert.equal((await again).status, 200)
  box.delayMs = 0
  const second = { new_password: 'the third password', auth: stage(body.sid) }
  assert.equal((await server.call('POST', 'account/password', { body: second })).status, 401)
  assert.equal((await press(box.linkTo('finn@example.org'))).status, 400)
  assert.equal(refusalOf(await finn.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
})

test('a new password ends the other resets; one that is refused uses nothing up', async () => {
  await withAddress('gil')
  const { body } = await request('account/password', 'gil@example.org')
  await press(box.linkTo('gil@example.org'))
  const other = await request('account/password', 'gil@example.org', { client_secret: 'other' })
  await press(box.linkTo('gil@example.org'))
  const reset = (password: string, auth: object) =>
    server.call('POST', 'account/password', { body: { new_password: password, auth } })
  assert.equal(refusalOf(await reset('', stage(body.sid))), '400 M_WEAK_PASSWORD')
  assert.equal((await reset('a better password', stage(body.sid))).status, 200)
  const late = { ...stage(other.body.sid), threepid_creds: { sid: other.body.sid, client_secret: 'other' } }
  assert.equal((await reset('a stolen account', late)).status, 401)
})

test('an address that was taken from the account sets no password', async () => {
  const hal = await withAddress('hal')
  const { body } = await request('account/password', 'hal@example.org')
  await press(box.linkTo('hal@example.org'))
  await hal.ok('POST', 'account/3pid/delete', { medium: 'email', address: 'hal@example.org' })
  const reset = { new_password: 'a stolen account', auth: stage(body.sid) }
  assert.equal(refusalOf(await server.call('POST', 'account/password', { body: reset })), '400 M_THREEPID_AUTH_FAILED')
})

test('who is logged in confirms the password by their own address only', async () => {
  const ida = await withAddress('ida')
  await withAddress('jon')
  const byAddress = (address: string) => passwordOf(ida, { type: 'm.id.thirdparty', medium: 'email', address })
  const change = (auth: object) =>
    ida.call('POST', 'account/password', { new_password: 'new password', logout_devices: false, auth })
  assert.equal(refusalOf(await change(byAddress('jon@example.org'))), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await change(byAddress('nobody@example.org'))), '403 M_FORBIDDEN')
  assert.equal((await change(byAddress('ida@example.org'))).status, 200)
})

test('values beyond all measure are refused with standard errors', async () => {
  for (const attempt of [1e300, 2 ** 53, -1, 1.5, '1', null]) {
    const reply = await request('register', 'kay@example.org', { send_attempt: attempt })
    assert.equal(reply.status, 400, String(attempt))
  }
  const long = await request('register', `${'a'.repeat(900)}@example.org`)
  assert.equal(refusalOf(long), '400 M_INVALID_PARAM')
  assert.equal((await request('register', 'kay@example.org', { client_secret: 'x'.repeat(256) })).status, 400)
  for (const auth of [stage(1), stage({}), { type: 'm.login.email.identity', threepid_creds: [] }]) {
    const body = { username: 'kay', password: 'a long password', auth }
    assert.equal((await server.call('POST', 'register', { body })).status, 401)
  }
})
