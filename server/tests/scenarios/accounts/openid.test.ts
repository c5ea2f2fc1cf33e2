/** OpenID tokens prove to another service who a user is. Spec: client-server-api#openid. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

describe('OpenID tokens', () => {
  let server: InProcess

  before(async () => {
    server = await startInProcess()
  })
  after(() => server.close())

  const pathOf = (user: TestUser) => `user/${encodeURIComponent(user.userId)}/openid/request_token`
  const exchange = (token: unknown) =>
    server.call('GET', `/_matrix/federation/v1/openid/userinfo?access_token=${encodeURIComponent(String(token))}`)

  it('name their user for an hour, and are good for nothing else', async () => {
    const ann = await server.register('ann')
    const { access_token: token, ...rest } = await ann.ok('POST', pathOf(ann), {})
    assert.deepEqual(rest, { token_type: 'Bearer', matrix_server_name: 'test.example', expires_in: 3600 })
    assert.deepEqual((await exchange(token)).body, { sub: ann.userId })
    const used = await server.call('GET', 'account/whoami', { token: String(token) })
    assert.equal(refusalOf(used), '401 M_UNKNOWN_TOKEN')
    assert.equal(refusalOf(await exchange(ann.token)), '401 M_UNKNOWN_TOKEN')
    server.clock.turn(3_600_000)
    assert.equal(refusalOf(await exchange(token)), '401 M_UNKNOWN_TOKEN')
  })

  it('are for oneself, and end with the account', async () => {
    const [ben, cleo] = [await server.register('ben'), await server.register('cleo')]
    assert.equal(refusalOf(await ben.call('POST', pathOf(cleo), {})), '403 M_FORBIDDEN')
    const { access_token: token } = await ben.ok('POST', pathOf(ben), {})
    const { users } = server.program.components
    await users.removeAccount((await users.findAccount(ben.userId as never))!.user)
    assert.equal(refusalOf(await exchange(token)), '401 M_UNKNOWN_TOKEN')
  })
})
