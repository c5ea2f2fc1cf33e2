/** matrix-js-sdk with its crypto on ours and on Synapse: encrypted chat, a new device in the middle, cross-signing. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  acceptInvite,
  createEncryptedRoom,
  type JsSdkClient,
  receiveText,
  sendText,
  startJsSdkClient,
  waitForMember,
} from '../clients/js-sdk-client.ts'
import { logIn } from '../kit/account.ts'
import { waitFor } from '../kit/wait-for.ts'
import { type Pair, type PairUser, startPair, ways } from './pair.ts'

let pair: Pair
const clients: JsSdkClient[] = []

before(async () => {
  pair = await startPair()
})

after(async () => {
  for (const client of clients) client.stop()
  await pair?.close()
})

/** A client on a device of its own. */
async function start({ server, account }: PairUser): Promise<JsSdkClient> {
  const client = await startJsSdkClient(server.baseUrl, await logIn(server.baseUrl, account))
  clients.push(client)
  return client
}

async function exchange(roomId: string, from: JsSdkClient, to: readonly JsSdkClient[], text: string): Promise<void> {
  await sendText(from, roomId, text)
  for (const client of to) await receiveText(client, roomId, text)
}

for (const { way, of } of ways) {
  test(`${way}: they chat encrypted, and a new device reads what comes after it`, async () => {
    const { here, there } = of(pair)
    const [host, guest] = [await start(here), await start(there)]
    const roomId = await createEncryptedRoom(host, [there.userId])
    await acceptInvite(guest, roomId)
    await waitForMember(host, roomId, there.userId)
    await exchange(roomId, host, [guest], `${way}: hello`)
    await exchange(roomId, guest, [host], `${way}: hello back`)
    const second = await start(there)
    await waitFor('the new device to be known', async () => {
      const devices = await host.crypto.getUserDeviceInfo([there.userId], true)
      return devices.get(there.userId)?.has(second.account.deviceId) ? true : undefined
    })
    await exchange(roomId, host, [guest, second], `${way}: to both devices`)
    await exchange(roomId, second, [host, guest], `${way}: from the new device`)
    for (const client of clients.splice(0)) client.stop()
  })

  test(`${way}: cross-signing keys are seen by the other`, async () => {
    const { here, there } = of(pair)
    const [host, guest] = [await start(here), await start(there)]
    const roomId = await createEncryptedRoom(host, [there.userId])
    await acceptInvite(guest, roomId)
    await waitForMember(host, roomId, there.userId)
    const { account } = host
    await host.crypto.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (upload) => {
        const identifier = { type: 'm.id.user', user: account.userId }
        await upload({ type: 'm.login.password', identifier, password: account.password })
      },
    })
    await waitFor('the keys at the other server', async () =>
      (await guest.crypto.userHasCrossSigningKeys(here.userId, true)) ? true : undefined,
    )
    const devices = (await guest.crypto.getUserDeviceInfo([here.userId], true)).get(here.userId)
    assert.ok(devices?.has(account.deviceId))
    for (const client of clients.splice(0)) client.stop()
  })
}
