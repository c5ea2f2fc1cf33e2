/** Two users of matrix-nio, a crypto stack of its own that still speaks `/r0/`, chat encrypted. */

import { after, before, test } from 'node:test'
import { registerAccount } from '../kit/account.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import { type NioClient, startNioClient } from './nio-client.ts'

let server: ServerProcess
let alice: NioClient
let bob: NioClient
let roomId: string

async function exchange(label: string): Promise<void> {
  await alice.send(roomId, `${label} from alice`)
  await bob.receive(roomId, `${label} from alice`)
  await bob.send(roomId, `${label} from bob`)
  await alice.receive(roomId, `${label} from bob`)
}

before(async () => {
  server = await startServer()
  alice = await startNioClient(server.baseUrl, await registerAccount(server.baseUrl, 'alice'))
  bob = await startNioClient(server.baseUrl, await registerAccount(server.baseUrl, 'bob'))
})

after(async () => {
  await alice?.stop()
  await bob?.stop()
  await server?.close()
})

test('two nio users exchange encrypted messages both ways', async () => {
  roomId = await alice.createRoom([bob.userId])
  await bob.join(roomId)
  await alice.waitForMember(roomId, bob.userId)
  await bob.waitForMember(roomId, alice.userId)
  await exchange('hello')
})

test('they go on after the server was killed and started again', async () => {
  await server.kill()
  await server.start()
  await exchange('after the crash')
})
