/** A bot on matrix-bot-sdk that joins when invited and echoes what it is told, also after a crash of the server. */

import './without-bot-crypto.ts'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MatrixClient } from 'matrix-bot-sdk'
import { registerAccount, type TestAccount } from '../kit/account.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'

const {
  AutojoinRoomsMixin,
  LogLevel,
  LogService,
  MatrixClient: BotClient,
  MemoryStorageProvider,
} = await import('matrix-bot-sdk')

let server: ServerProcess
let bot: MatrixClient
let botAccount: TestAccount
let user: MatrixClient
let roomId: string

before(async () => {
  LogService.setLevel(LogLevel.ERROR)
  LogService.muteModule('MatrixClientLite')
  LogService.muteModule('MatrixHttpClient')
  server = await startServer()
  botAccount = await registerAccount(server.baseUrl, 'echo')
  bot = new BotClient(server.baseUrl, botAccount.accessToken, new MemoryStorageProvider())
  AutojoinRoomsMixin.setupOnClient(bot)
  bot.on('room.message', async (room: string, event: { sender: string; content: { body?: string } }) => {
    if (event.sender !== botAccount.userId) await bot.sendText(room, `echo: ${event.content.body}`)
  })
  await bot.start()
  const account = await registerAccount(server.baseUrl, 'user')
  user = new BotClient(server.baseUrl, account.accessToken, new MemoryStorageProvider())
})

after(async () => {
  bot?.stop()
  await server?.close()
})

async function findEcho(body: string): Promise<string | undefined> {
  const { chunk } = await user.doRequest('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`, {
    dir: 'b',
    limit: 20,
  })
  const echo = chunk.find(
    (event: { sender: string; content: { body?: string } }) => event.content.body === `echo: ${body}`,
  )
  return echo?.sender
}

test('the bot joins when it is invited', async () => {
  roomId = await user.createRoom({ preset: 'private_chat', invite: [botAccount.userId] })
  await waitFor('the bot to join', async () =>
    (await user.getJoinedRoomMembers(roomId)).includes(botAccount.userId) ? true : undefined,
  )
})

test('the bot echoes a message', async () => {
  await user.sendText(roomId, 'hello')
  assert.equal(await waitFor('the echo', () => findEcho('hello')), botAccount.userId)
})

test('the bot echoes after the server was killed and started again', async () => {
  await server.kill()
  await server.start()
  await user.sendText(roomId, 'are you still there?')
  assert.equal(await waitFor('the echo', () => findEcho('are you still there?')), botAccount.userId)
})
