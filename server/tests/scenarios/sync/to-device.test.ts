/** Messages for devices: exactly once, in order, over lost replies and restarts. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AnyJson, openClient, openSyncHouse, type SyncHouse, type TestClient } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

let sent = 0
async function send(from: TestClient, to: TestClient, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const messages = { [to.user.userId]: { [to.user.deviceId]: { n: index } } }
    const caller = { ...from.user, session: 'none' }
    await server.parts.devices.sendToDevice(caller, 'org.example.test', `t${++sent}`, messages)
  }
}

const numbersIn = (reply: AnyJson): number[] => (reply.to_device?.events ?? []).map((event: AnyJson) => event.content.n)

test('a message comes again until its reply is acknowledged, and then never', async () => {
  const alice = await openClient(server, 'alice-once')
  const bob = await openClient(server, 'bob-once')
  await bob.sync()
  await send(alice, bob, 2)
  assert.deepEqual(numbersIn(await bob.peek()), [0, 1])
  assert.deepEqual(numbersIn(await bob.peek()), [0, 1])
  await server.restart()
  assert.deepEqual(numbersIn(await bob.sync()), [0, 1])
  assert.deepEqual(numbersIn(await bob.sync()), [])
  await server.restart()
  assert.deepEqual(numbersIn(await bob.sync()), [])
  await send(alice, bob, 1)
  assert.deepEqual(numbersIn(await bob.sync()), [0])
})

test('more messages than fit come in order with the next replies', async () => {
  const alice = await openClient(server, 'alice-many')
  const bob = await openClient(server, 'bob-many')
  await bob.sync()
  await send(alice, bob, 230)
  const got: number[] = []
  for (let round = 0; round < 4; round++) {
    if (round === 1) await server.restart()
    got.push(...numbersIn(await bob.sync({ timeout: 0 })))
  }
  assert.deepEqual(
    got,
    Array.from({ length: 230 }, (_, index) => index),
  )
})

test('a first sync has what waits', async () => {
  const alice = await openClient(server, 'alice-first')
  const bob = await openClient(server, 'bob-first')
  await send(alice, bob, 1)
  assert.deepEqual(numbersIn(await bob.sync()), [0])
  assert.deepEqual(numbersIn(await bob.sync()), [])
})

test('one-time key counts are in every reply', async () => {
  const alice = await openClient(server, 'alice-keys')
  for (const reply of [await alice.sync(), await alice.sync()]) {
    assert.equal(typeof reply.device_one_time_keys_count, 'object')
    assert.ok(Array.isArray(reply.device_unused_fallback_key_types))
  }
})
