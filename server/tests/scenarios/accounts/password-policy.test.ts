/** What users may choose as passwords: told before they choose, and checked wherever they do. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess } from '../../kit/in-process.ts'

let server: InProcess
before(async () => {
  const yaml = 'passwords: { memoryKib: 64, passes: 1, lengthMin: 10, required: [digit, symbol, uppercase, lowercase] }'
  server = await startInProcess({}, yaml)
})
after(() => server.close())

const weak = '400 M_WEAK_PASSWORD'
const good = 'Correct-horse 7'
const bad = ['', 'Sh0rt!', 'no-capitals-7', 'NO-SMALL-ONES-7', 'No-digit-here', 'NoSymbol777', '        ']

test('the policy can be read by anyone', async () => {
  const { body } = await server.call('GET', 'password_policy')
  assert.deepEqual(body, {
    'm.minimum_length': 10,
    'm.require_digit': true,
    'm.require_symbol': true,
    'm.require_uppercase': true,
    'm.require_lowercase': true,
  })
  const plain = await startInProcess({}, 'passwords: { memoryKib: 64, passes: 1 }')
  assert.deepEqual((await plain.call('GET', 'password_policy')).body, { 'm.minimum_length': 8 })
  const seven = { username: 'amy', password: 'x'.repeat(7), auth: { type: 'm.login.dummy' } }
  assert.equal(refusalOf(await plain.call('POST', 'register', { body: seven })), weak)
  assert.equal((await plain.call('POST', 'register', { body: { ...seven, password: 'x'.repeat(8) } })).status, 200)
  await plain.close()
})

test('weak passwords are refused before anything is asked, when registering and when changing', async () => {
  for (const password of bad) {
    const body = { username: 'ben', password }
    assert.equal(refusalOf(await server.call('POST', 'register', { body })), weak, password)
  }
  const ben = await server.register('ben', good)
  for (const password of bad) {
    assert.equal(refusalOf(await ben.call('POST', 'account/password', { new_password: password })), weak, password)
    const forgotten = await server.call('POST', 'account/password', { body: { new_password: password } })
    assert.equal(refusalOf(forgotten), weak, password)
  }
  const challenge = await ben.call('POST', 'account/password', { new_password: 'Ünïcode-١٢٣ Ж' })
  assert.equal(challenge.status, 401)
  assert.ok(challenge.body.flows)
})

test('what was chosen under another policy still logs in, and who runs the server may choose anything', async () => {
  const { administration } = server.program.components
  await administration.createAccount({ localpart: 'old', password: 'x', isAdmin: false })
  const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'old' }, password: 'x' }
  assert.equal((await server.call('POST', 'login', { body })).status, 200)
})
