/** What clients ask about services beside the server: TURN for calls, bridges, third-party identifiers. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { refusalOf, startInProcess } from '../../kit/in-process.ts'

const uris = ['turn:turn.example?transport=udp']

async function turnOf(t: TestContext, yaml: string) {
  const server = await startInProcess({}, yaml)
  t.after(() => server.close())
  const ann = await server.register('ann')
  return { nowMs: server.clock.nowMs(), answer: await ann.call('GET', 'voip/turnServer') }
}

describe('TURN credentials', () => {
  it('are made with the shared secret', async (t) => {
    const { nowMs, answer } = await turnOf(t, `turn: { uris: ["${uris[0]}"], sharedSecret: s3, lifetimeMs: 600000 }\n`)
    const { username, password, ...rest } = answer.body as { username: string; password: string }
    assert.deepEqual(rest, { uris, ttl: 600 })
    const [until, ...user] = username.split(':')
    assert.equal(user.join(':'), '@ann:test.example')
    assert.ok(Math.abs(Number(until) - nowMs / 1000 - 600) < 10)
    assert.equal(password, createHmac('sha1', 's3').update(username).digest('base64'))
  })

  it('can be the same for everyone', async (t) => {
    const { answer } = await turnOf(t, `turn: { uris: ["${uris[0]}"], username: all, password: pw }\n`)
    assert.deepEqual(answer.body, { username: 'all', password: 'pw', uris, ttl: 86_400 })
  })

  it('are not found where there is no TURN server', async (t) => {
    assert.equal(refusalOf((await turnOf(t, '')).answer), '404 M_NOT_FOUND')
  })
})

describe('without bridges', () => {
  it('nothing leads to other networks', async (t) => {
    const server = await startInProcess()
    t.after(() => server.close())
    const ann = await server.register('ann')
    assert.deepEqual(await ann.ok('GET', 'thirdparty/protocols'), {})
    assert.deepEqual(await ann.ok('GET', 'thirdparty/location?alias=%23a:test.example'), [])
    assert.deepEqual(await ann.ok('GET', `thirdparty/user?userid=${ann.userId}`), [])
    for (const path of ['protocol/irc', 'location/irc?channel=x', 'user/irc']) {
      assert.equal(refusalOf(await ann.call('GET', `thirdparty/${path}`)), '404 M_NOT_FOUND')
    }
    assert.deepEqual(await ann.ok('GET', 'account/3pid'), { threepids: [] })
  })
})
