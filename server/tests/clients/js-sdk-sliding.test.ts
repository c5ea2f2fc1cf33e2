/** A user of matrix-js-sdk who follows sliding sync chats encrypted with one who follows /sync, through a crash. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { registerAccount } from '../kit/account.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'
import {
  acceptInvite,
  createEncryptedRoom,
  type JsSdkClient,
  receiveText,
  sendText,
  startJsSdkClient,
  waitForMember,
} from './js-sdk-client.ts'

let server: ServerProcess
let sliding: JsSdkClient
let other: JsSdkClient
let roomId: string

before(async () => {
  server = await startServer()
  sliding = await startJsSdkClient(server.baseUrl, await registerAccount(server.baseUrl, 'sliding'), {
    isSliding: true,
  })
  other = await startJsSdkClient(server.baseUrl, await registerAccount(server.baseUrl, 'other'))
})

after(async () => {
  sliding?.stop()
  other?.stop()
  await server?.close()
})

async function exchange(label: string): Promise<void> {
  await sendText(other, roomId, `${label} to sliding`)
  await receiveText(sliding, roomId, `${label} to sliding`)
  await sendText(sliding, roomId, `${label} from sliding`)
  await receiveText(other, roomId, `${label} from sliding`)
}

test('an invite comes by sliding sync; encrypted messages go both ways', async () => {
  roomId = await createEncryptedRoom(other, [sliding.account.userId])
  await acceptInvite(sliding, roomId)
  await waitForMember(other, roomId, sliding.account.userId)
  await exchange('hello')
})

test('the room has its name, and the unread count goes when it is read', async () => {
  await other.matrix.setRoomName(roomId, 'The slide')
  await waitFor('the name', () => (sliding.matrix.getRoom(roomId)?.name === 'The slide' ? true : undefined))
  const event = sliding.matrix.getRoom(roomId)!.getLiveTimeline().getEvents().at(-1)!
  await sliding.matrix.sendReadReceipt(event)
  await waitFor('the receipt', () => {
    const reader = other.matrix.getRoom(roomId)?.getEventReadUpTo(sliding.account.userId)
    return reader === event.getId() ? true : undefined
  })
})

test('they go on after the server was killed and started again', async () => {
  await server.kill()
  await server.start()
  other.matrix.retryImmediately()
  await exchange('after the crash')
  assert.equal(sliding.matrix.getRooms().length, 1)
})
