/**
 * Messages to devices: sent once, delivered in order, exactly once.
 * Spec: client-server-api#send-to-device-messaging.
 */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let tina: TestUser
let phone: TestUser
let uwe: TestUser
before(async () => {
  server = await startInProcess()
  tina = await server.register('tina')
  phone = await server.logIn(tina)
  uwe = await server.register('uwe')
})
after(async () => {
  await server.close()
  await endTestStores()
})

let transactions = 0
const send = (from: TestUser, messages: object, id = `t${++transactions}`) =>
  from.call('PUT', `sendToDevice/org.example/${id}`, { messages })

type Told = { numbers: number[]; next: string }

async function sync(user: TestUser, since?: string): Promise<Told> {
  const body = await user.ok('GET', `sync${since === undefined ? '' : `?since=${since}`}`)
  const { events = [] } = (body.to_device ?? {}) as { events?: { content: { number: number } }[] }
  return { numbers: events.map(({ content }) => content.number), next: String(body.next_batch) }
}

describe('to-device messages', () => {
  it('come in order, again until they are acknowledged, never after', async () => {
    const start = await sync(phone)
    for (let number = 1; number <= 3; number += 1) {
      await send(uwe, { [tina.userId]: { [phone.deviceId]: { number } } })
    }
    const first = await sync(phone, start.next)
    assert.deepEqual(first.numbers, [1, 2, 3])
    assert.deepEqual((await sync(phone, start.next)).numbers, [1, 2, 3])
    await server.restart()
    assert.deepEqual((await sync(phone, start.next)).numbers, [1, 2, 3])
    assert.deepEqual((await sync(phone, first.next)).numbers, [])
    assert.deepEqual((await sync(phone)).numbers, [])
    await server.restart()
    assert.deepEqual((await sync(phone)).numbers, [])
  })

  it('come after what was acknowledged, before that is removed', async () => {
    const start = await sync(phone)
    const give = (number: number) => send(uwe, { [tina.userId]: { [phone.deviceId]: { number } } })
    await give(1)
    const first = await sync(phone, start.next)
    await give(2)
    assert.deepEqual((await sync(phone, first.next)).numbers, [2])
    assert.deepEqual((await sync(phone)).numbers, [2])
    await server.restart()
    const second = await sync(phone)
    assert.deepEqual(second.numbers, [2])
    assert.deepEqual((await sync(phone, second.next)).numbers, [])
  })

  it('are sent once for each transaction ID, also side by side', async () => {
    const start = await sync(phone)
    const messages = { [tina.userId]: { [phone.deviceId]: { number: 7 } } }
    await Promise.all([send(uwe, messages, 'same'), send(uwe, messages, 'same'), send(uwe, messages, 'same')])
    await send(uwe, messages, 'same')
    assert.deepEqual((await sync(phone, start.next)).numbers, [7])
  })

  it('go to all devices of a user with *, and to none that does not exist', async () => {
    const [one, two] = [await sync(tina), await sync(phone)]
    await send(uwe, { [tina.userId]: { '*': { number: 8 }, NONE: { number: 9 } }, '@none:test.example': { '*': {} } })
    assert.deepEqual((await sync(tina, one.next)).numbers, [8])
    assert.deepEqual((await sync(phone, two.next)).numbers, [8])
  })

  it('wake a sync that waits', async () => {
    const { next } = await sync(phone)
    const waiting = phone.ok('GET', `sync?since=${next}&timeout=10000`)
    await send(uwe, { [tina.userId]: { [phone.deviceId]: { number: 10 } } })
    const { to_device: told } = await waiting
    assert.deepEqual(told, {
      events: [{ type: 'org.example', sender: uwe.userId, content: { number: 10 } }],
    })
  })

  it('come in pages if there are many, none twice, none lost', async () => {
    let at = await sync(phone)
    for (let number = 0; number < 250; number += 1) {
      await send(uwe, { [tina.userId]: { [phone.deviceId]: { number } } })
    }
    const told: number[] = []
    for (let page = 0; page < 10; page += 1) {
      at = await sync(phone, at.next)
      told.push(...at.numbers)
    }
    assert.deepEqual(
      told,
      Array.from({ length: 250 }, (_, number) => number),
    )
  })

  it('end with their device: another one of that name gets none of them', async () => {
    const before = await server.logIn(tina, { device_id: 'TABLET' })
    await sync(before)
    await send(uwe, { [tina.userId]: { TABLET: { number: 11 } } })
    await before.ok('POST', 'logout')
    const again = await server.logIn(tina, { device_id: 'TABLET' })
    const start = await sync(again)
    assert.deepEqual(start.numbers, [])
    await send(uwe, { [tina.userId]: { TABLET: { number: 12 } } })
    assert.deepEqual((await sync(again, start.next)).numbers, [12])
  })

  it('of the wrong shape are refused', async () => {
    assert.equal(refusalOf(await send(uwe, { nobody: { '*': {} } })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await send(uwe, { [tina.userId]: 'x' })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await send(uwe, { [tina.userId]: { '*': 'x' } })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await uwe.call('PUT', 'sendToDevice/org.example/x', {})), '400 M_MISSING_PARAM')
  })
})
