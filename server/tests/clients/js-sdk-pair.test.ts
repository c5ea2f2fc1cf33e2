/** Two users of matrix-js-sdk chat encrypted, through a crash of the server and on a new device. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Direction } from 'matrix-js-sdk'
import { logIn, registerAccount } from '../kit/account.ts'
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
let alice: JsSdkClient
let bob: JsSdkClient
let roomId: string
const clients: JsSdkClient[] = []

async function startClient(
  ...[account, recoveryKey]: [JsSdkClient['account'], Uint8Array<ArrayBuffer>?]
): Promise<JsSdkClient> {
  const client = await startJsSdkClient(server.baseUrl, account, { recoveryKey })
  clients.push(client)
  return client
}

async function exchange(label: string): Promise<void> {
  await sendText(alice, roomId, `${label} from alice`)
  await receiveText(bob, roomId, `${label} from alice`)
  await sendText(bob, roomId, `${label} from bob`)
  await receiveText(alice, roomId, `${label} from bob`)
}

before(async () => {
  server = await startServer()
  alice = await startClient(await registerAccount(server.baseUrl, 'alice'))
  bob = await startClient(await registerAccount(server.baseUrl, 'bob'))
})

after(async () => {
  for (const client of clients) client.stop()
  await server?.close()
})

test('two users exchange encrypted messages both ways', async () => {
  roomId = await createEncryptedRoom(alice, [bob.account.userId])
  await acceptInvite(bob, roomId)
  await waitForMember(alice, roomId, bob.account.userId)
  await exchange('hello')
})

test('they go on after the server was killed and started again', async () => {
  await server.kill()
  await server.start()
  for (const client of clients) client.matrix.retryImmediately()
  await exchange('after the crash')
})

test('everything acknowledged before the crash is still there', async () => {
  const { chunk } = await alice.matrix.createMessagesRequest(roomId, null, 100, Direction.Backward)
  const encrypted = chunk.filter((event) => event.type === 'm.room.encrypted')
  assert.equal(encrypted.length, 4)
})

test('alice sets up cross-signing and key backup', async () => {
  await alice.crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (upload) => {
      const identifier = { type: 'm.id.user', user: alice.account.userId }
      await upload({ type: 'm.login.password', identifier, password: alice.account.password })
    },
  })
  const key = await alice.crypto.createRecoveryKeyFromPassphrase()
  alice.recoveryKey = key.privateKey
  await alice.crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => key, setupNewKeyBackup: true })
  assert.equal(await alice.crypto.isCrossSigningReady(), true)
  await waitFor('the room keys to be backed up', async () => ((await countBackedUpKeys(alice)) >= 2 ? true : undefined))
})

test('a new device reads the history from the backup, and is trusted', async () => {
  const phone = await startClient(await logIn(server.baseUrl, alice.account), alice.recoveryKey)
  assert.equal(await phone.crypto.userHasCrossSigningKeys(alice.account.userId, true), true)
  await phone.crypto.bootstrapCrossSigning({})
  await phone.crypto.loadSessionBackupPrivateKeyFromSecretStorage()
  const { imported } = await phone.crypto.restoreKeyBackup()
  assert.ok(imported >= 2)
  await receiveText(phone, roomId, 'hello from alice')
  await receiveText(phone, roomId, 'after the crash from bob')
  await waitFor('bob to see the new device signed', async () => {
    const status = await bob.crypto.getDeviceVerificationStatus(alice.account.userId, phone.account.deviceId)
    return status?.signedByOwner ? true : undefined
  })
  await sendText(bob, roomId, 'to both devices')
  await receiveText(phone, roomId, 'to both devices')
  await receiveText(alice, roomId, 'to both devices')
  await sendText(phone, roomId, 'from the new device')
  await receiveText(bob, roomId, 'from the new device')
  await receiveText(alice, roomId, 'from the new device')
})

/** As the server says it: the client answers from its memory. */
async function countBackedUpKeys({ account }: JsSdkClient): Promise<number> {
  const headers = { authorization: `Bearer ${account.accessToken}` }
  const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/room_keys/version`, { headers })
  const { count } = (await answer.json()) as { count: number }
  return count
}
