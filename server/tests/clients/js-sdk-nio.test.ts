/** matrix-js-sdk and matrix-nio, two independent crypto stacks, chat encrypted in a room made by either. */

import { after, before, test } from 'node:test'
import { registerAccount } from '../kit/account.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import {
  acceptInvite,
  createEncryptedRoom,
  type JsSdkClient,
  receiveText,
  sendText,
  startJsSdkClient,
  waitForMember,
} from './js-sdk-client.ts'
import { type NioClient, startNioClient } from './nio-client.ts'

let server: ServerProcess
let jay: JsSdkClient
let nia: NioClient

before(async () => {
  server = await startServer()
  jay = await startJsSdkClient(server.baseUrl, await registerAccount(server.baseUrl, 'jay'))
  nia = await startNioClient(server.baseUrl, await registerAccount(server.baseUrl, 'nia'))
})

after(async () => {
  jay?.stop()
  await nia?.stop()
  await server?.close()
})

async function exchange(roomId: string): Promise<void> {
  await waitForMember(jay, roomId, nia.userId)
  await nia.waitForMember(roomId, jay.account.userId)
  await sendText(jay, roomId, 'from js-sdk')
  await nia.receive(roomId, 'from js-sdk')
  await nia.send(roomId, 'from nio')
  await receiveText(jay, roomId, 'from nio')
}

test('they chat both ways in a room that js-sdk made', async () => {
  const roomId = await createEncryptedRoom(jay, [nia.userId])
  await nia.join(roomId)
  await exchange(roomId)
})

test('they chat both ways in a room that nio made', async () => {
  const roomId = await nia.createRoom([jay.account.userId])
  await acceptInvite(jay, roomId)
  await exchange(roomId)
})
