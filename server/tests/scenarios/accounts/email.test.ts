/** E-mail addresses of accounts, with a real SMTP server: confirm, add, remove, register and reset the password. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type MailBox, startMailBox } from '../../kit/mail-box.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

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

const kinds = { add: 'account/3pid', password: 'account/password', register: 'register' } as const
const request = (kind: keyof typeof kinds, email: string, more: object = {}) =>
  server.call('POST', `${kinds[kind]}/email/requestToken`, {
    body: { email, client_secret: 'secret', send_attempt: 1, ...more },
  })
const sidOf = async (kind: keyof typeof kinds, email: string) => {
  const { status, body } = await request(kind, email)
  assert.equal(status, 200, JSON.stringify(body))
  return String(body.sid)
}
/** What a person does: opens the link, then presses the button. */
const open = async (link: URL) => {
  const at = `${server.baseUrl}${link.pathname}`
  const form = await fetch(`${at}${link.search}`)
  if (form.status !== 200) return form
  return fetch(at, { method: 'POST', body: link.searchParams })
}
const passwordOf = (user: TestUser) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: user.userId },
  password: user.password,
})
const stage = (sid: string, secret = 'secret') => ({
  type: 'm.login.email.identity',
  threepid_creds: { sid, client_secret: secret },
})
const logIn = (address: string, password: string) =>
  server.call('POST', 'login', {
    body: { type: 'm.login.password', password, identifier: { type: 'm.id.thirdparty', medium: 'email', address } },
  })

async function addAddress(user: TestUser, address: string): Promise<void> {
  const sid = await sidOf('add', address)
  await open(box.linkTo(address))
  const given = { sid, client_secret: 'secret' }
  const { body } = await user.call('POST', 'account/3pid/add', given)
  await user.ok('POST', 'account/3pid/add', { ...given, auth: { ...passwordOf(user), session: body.session } })
}

test('an address is added once its link was opened, and serves to log in until it is removed', async () => {
  const amy = await server.register('amy')
  const capabilities = (await amy.ok('GET', 'capabilities')) as AnyJson
  assert.equal(capabilities.capabilities['m.3pid_changes'].enabled, true)
  const sid = await sidOf('add', 'Amy@Example.org')
  const given = { sid, client_secret: 'secret', auth: passwordOf(amy) }
  assert.equal(refusalOf(await amy.call('POST', 'account/3pid/add', given)), '400 M_THREEPID_AUTH_FAILED')
  const confirmed = await open(box.linkTo('amy@example.org'))
  assert.match(await confirmed.text(), /Your address is confirmed/)
  const without = await amy.call('POST', 'account/3pid/add', { sid, client_secret: 'secret' })
  assert.deepEqual(without.body.flows, [{ stages: ['m.login.password'] }])
  await amy.ok('POST', 'account/3pid/add', given)
  const { threepids } = (await amy.ok('GET', 'account/3pid')) as AnyJson
  assert.deepEqual([threepids[0].medium, threepids[0].address], ['email', 'amy@example.org'])
  assert.ok(threepids[0].added_at >= threepids[0].validated_at)
  assert.equal((await logIn('AMY@example.org', amy.password)).body.user_id, amy.userId)
  assert.equal(refusalOf(await logIn('amy@example.org', 'wrong')), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await logIn('nobody@example.org', amy.password)), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await amy.call('POST', 'account/3pid/add', given)), '400 M_THREEPID_AUTH_FAILED')
  const removed = await amy.ok('POST', 'account/3pid/delete', { medium: 'email', address: 'Amy@example.org' })
  assert.deepEqual(removed, { id_server_unbind_result: 'no-support' })
  assert.deepEqual(await amy.ok('GET', 'account/3pid'), { threepids: [] })
})

test('a link works once, with its secret, for its purpose and for a day', async () => {
  const ben = await server.register('ben')
  const sid = await sidOf('add', 'ben@example.org')
  const link = box.linkTo('ben@example.org')
  const wrong = new URL(link)
  wrong.searchParams.set('token', 'guessed')
  assert.equal((await open(wrong)).status, 400)
  wrong.searchParams.set('token', link.searchParams.get('token')!)
  wrong.searchParams.set('client_secret', 'other')
  assert.equal((await open(wrong)).status, 400)
  assert.equal((await open(link)).status, 200)
  assert.equal((await open(link)).status, 400)
  const registration = { username: 'ben2', password: 'a long password', auth: stage(sid) }
  assert.equal((await server.call('POST', 'register', { body: registration })).status, 401)
  const add = { sid, client_secret: 'other', auth: passwordOf(ben) }
  assert.equal(refusalOf(await ben.call('POST', 'account/3pid/add', add)), '400 M_THREEPID_AUTH_FAILED')
  await sidOf('add', 'late@example.org')
  server.clock.turn(25 * 3_600_000)
  assert.equal((await open(box.linkTo('late@example.org'))).status, 400)
})

test('the password is set anew by a letter; all sessions end', async () => {
  const cleo = await server.register('cleo')
  await addAddress(cleo, 'cleo@example.org')
  const sid = await sidOf('password', 'cleo@example.org')
  const asked = { new_password: 'another password' }
  const challenge = await server.call('POST', 'account/password', { body: asked })
  assert.deepEqual([challenge.status, challenge.body.flows], [401, [{ stages: ['m.login.email.identity'] }]])
  const given = { ...asked, auth: { ...stage(sid), session: challenge.body.session } }
  assert.equal((await server.call('POST', 'account/password', { body: given })).status, 401)
  await open(box.linkTo('cleo@example.org'))
  assert.deepEqual((await server.call('POST', 'account/password', { body: given })).body, {})
  assert.equal(refusalOf(await cleo.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
  assert.equal((await logIn('cleo@example.org', 'another password')).status, 200)
  const again = { ...asked, auth: stage(sid) }
  assert.equal((await server.call('POST', 'account/password', { body: again })).status, 401)
})

test('who asks does not learn which addresses have accounts; their owners do', async () => {
  const dana = await server.register('dana')
  await addAddress(dana, 'dana@example.org')
  await sidOf('register', 'dana@example.org')
  assert.match(box.letters.at(-1)!.raw, /Subject: You have an account on test.example/)
  assert.throws(() => box.linkTo('dana@example.org'), /no link/)
  await sidOf('password', 'stranger@example.org')
  assert.match(box.letters.at(-1)!.raw, /no account there has this address/)
  assert.equal(box.letters.at(-1)!.raw.includes('_parallax/email'), false)
})

test('a new account gets the address that was confirmed for it', async () => {
  const sid = await sidOf('register', 'emil@example.org')
  await open(box.linkTo('emil@example.org'))
  const wish = { username: 'emil', password: 'a long password' }
  const { body: challenge } = await server.call('POST', 'register', { body: wish })
  assert.deepEqual(challenge.flows, [{ stages: ['m.login.dummy'] }, { stages: ['m.login.email.identity'] }])
  const body = { ...wish, auth: { ...stage(sid), session: challenge.session } }
  assert.equal((await server.call('POST', 'register', { body })).body.user_id, '@emil:test.example')
  assert.equal((await logIn('emil@example.org', wish.password)).status, 200)
  const second = { username: 'emil2', password: 'a long password', auth: stage(sid) }
  assert.equal((await server.call('POST', 'register', { body: second })).status, 401)
})

test('a repeated request sends nothing, a higher attempt a new letter', async () => {
  const count = () => box.letters.filter(({ to }) => to.includes('finn@example.org')).length
  const first = await request('register', 'finn@example.org', { send_attempt: 3 })
  assert.deepEqual((await request('register', 'finn@example.org', { send_attempt: 3 })).body, first.body)
  assert.equal(count(), 1)
  const old = box.linkTo('finn@example.org')
  assert.deepEqual((await request('register', 'finn@example.org', { send_attempt: 4 })).body, first.body)
  assert.equal(count(), 2)
  assert.equal((await open(old)).status, 400)
  assert.equal((await open(box.linkTo('finn@example.org'))).status, 200)
})

test('a letter that was not taken is told, and can be asked for again', async () => {
  box.refuse = Object.assign(new Error('full'), { responseCode: 452 })
  assert.equal(refusalOf(await request('register', 'gus@example.org')), '502 M_UNKNOWN')
  box.refuse = undefined
  await sidOf('register', 'gus@example.org')
  assert.equal((await open(box.linkTo('gus@example.org'))).status, 200)
})

test('what is no address, no secret or no link is refused, and nothing gets into the headers', async () => {
  const bad = ['', 'x', '@', 'a@', '@b', 'a@b\r\nBcc: victim@example.org', 'a@b, c@d', '"a b"@c', 'a..b@c', 'a@b@c']
  const before = box.letters.length
  for (const email of bad) assert.equal(refusalOf(await request('register', email)), '400 M_INVALID_PARAM', email)
  const good = 'hans@example.org'
  assert.equal(refusalOf(await request('register', good, { client_secret: 'a b' })), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await request('register', good, { next_link: 'javascript:alert(1)' })), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await request('register', good, { send_attempt: -1 })), '400 M_BAD_JSON')
  assert.equal(box.letters.length, before)
  await request('register', good, { next_link: 'https://client.example/done?a=1&b="><script>' })
  const page = await (await open(box.linkTo(good))).text()
  assert.match(page, /href="https:\/\/client.example\/done\?a=1&amp;b=&quot;&gt;&lt;script&gt;"/)
})

test('telephone numbers and identity servers are refused in standard ways', async () => {
  const ines = await server.register('ines')
  const number = { country: 'GB', phone_number: '07700900001', client_secret: 's', send_attempt: 1 }
  for (const kind of Object.values(kinds)) {
    const reply = await server.call('POST', `${kind}/msisdn/requestToken`, { body: number })
    assert.equal(refusalOf(reply), '400 M_THREEPID_MEDIUM_NOT_SUPPORTED')
  }
  const creds = { client_secret: 's', id_server: 'id.example', id_access_token: 't', sid: 'x' }
  assert.equal(refusalOf(await ines.call('POST', 'account/3pid/bind', creds)), '400 M_SERVER_NOT_TRUSTED')
  const old = await ines.call('POST', 'account/3pid', { three_pid_creds: creds })
  assert.equal(refusalOf(old), '403 M_THREEPID_AUTH_FAILED')
  const unbound = await ines.ok('POST', 'account/3pid/unbind', { medium: 'email', address: 'a@b' })
  assert.deepEqual(unbound, { id_server_unbind_result: 'no-support' })
})

test('a deactivated account gives its addresses free', async () => {
  const jo = await server.register('jo')
  await addAddress(jo, 'jo@example.org')
  await jo.ok('POST', 'account/deactivate', { auth: passwordOf(jo) })
  const kim = await server.register('kim')
  await addAddress(kim, 'jo@example.org')
  assert.equal((await logIn('jo@example.org', kim.password)).body.user_id, kim.userId)
})

test('many letters to one address are slowed down', async () => {
  const limited = await startInProcess({ ...box.environment, HOMESERVER_RATE_LIMITS: 'on' })
  try {
    const ask = (attempt: number) =>
      limited.call('POST', 'register/email/requestToken', {
        body: { email: 'lea@example.org', client_secret: `s${attempt}`, send_attempt: 1 },
      })
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt++) statuses.push((await ask(attempt)).status)
    assert.equal(statuses.at(-1), 429)
    assert.ok(box.letters.filter(({ to }) => to.includes('lea@example.org')).length <= 5)
  } finally {
    await limited.close()
  }
})

test('without an SMTP server nothing is promised', async () => {
  const silent = await startInProcess()
  try {
    const body = { email: 'a@example.org', client_secret: 's', send_attempt: 1 }
    const reply = await silent.call('POST', 'account/3pid/email/requestToken', { body })
    assert.equal(refusalOf(reply), '400 M_THREEPID_MEDIUM_NOT_SUPPORTED')
    const user = await silent.register('mona')
    const { capabilities } = (await user.ok('GET', 'capabilities')) as AnyJson
    assert.equal(capabilities['m.3pid_changes'].enabled, false)
  } finally {
    await silent.close()
  }
})
