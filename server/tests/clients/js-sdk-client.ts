/** matrix-js-sdk with its WASM crypto and memory stores, in plain Node. */

import { createClient, type MatrixClient, type MatrixEvent, Preset, SyncState } from 'matrix-js-sdk'
import type { CryptoApi } from 'matrix-js-sdk/lib/crypto-api/index.js'
import { type Logger, logger as rootLogger } from 'matrix-js-sdk/lib/logger.js'
import { SlidingSync } from 'matrix-js-sdk/lib/sliding-sync.js'
import type { TestAccount } from '../kit/account.ts'
import { waitFor } from '../kit/wait-for.ts'

export type JsSdkClient = {
  readonly account: TestAccount
  readonly matrix: MatrixClient
  readonly crypto: CryptoApi
  /** The key of the secret storage, once it was made or given. */
  recoveryKey: Uint8Array<ArrayBuffer> | undefined
  stop(): void
}

/** Errors only, and none of the noise about a server that is away for a moment. */
const quietLogger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => quietLogger,
}
Object.assign(rootLogger, quietLogger, { log() {} })

// NOTE: the SDK leaves a timer behind for each request; unreferenced, they let the process end with the last test.
const { setTimeout: startTimer } = globalThis
const startUnreferenced = (...timer: Parameters<typeof startTimer>) => startTimer(...timer).unref()
globalThis.setTimeout = Object.assign(startUnreferenced, startTimer)

export type ClientOptions = {
  /** Opens the account's secret storage. */
  readonly recoveryKey?: Uint8Array<ArrayBuffer> | undefined
  /** True: it follows sliding sync in place of /sync. */
  readonly isSliding?: boolean
}

/** A client that syncs. */
export async function startJsSdkClient(
  baseUrl: string,
  account: TestAccount,
  { recoveryKey, isSliding = false }: ClientOptions = {},
): Promise<JsSdkClient> {
  const { userId, deviceId, accessToken } = account
  const matrix = createClient({
    baseUrl,
    userId,
    deviceId,
    accessToken,
    logger: quietLogger,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => {
        const keyId = Object.keys(keys)[0]
        return keyId !== undefined && client.recoveryKey ? [keyId, client.recoveryKey] : null
      },
    },
  })
  await matrix.initRustCrypto({ useIndexedDB: false })
  const client: JsSdkClient = {
    account,
    matrix,
    crypto: matrix.getCrypto()!,
    recoveryKey,
    stop: () => matrix.stopClient(),
  }
  const slidingSync = isSliding ? { slidingSync: createSlidingSync(baseUrl, matrix) } : {}
  await matrix.startClient({ initialSyncLimit: 30, ...slidingSync })
  const hasSynced = () => matrix.getSyncState() === SyncState.Prepared || matrix.getSyncState() === SyncState.Syncing
  await waitFor(`the first sync of ${userId}`, () => (hasSynced() ? true : undefined))
  return client
}

/** All rooms with their newest messages, members as they speak. */
function createSlidingSync(baseUrl: string, matrix: MatrixClient): SlidingSync {
  const rooms = {
    ranges: [[0, 99]],
    timeline_limit: 20,
    required_state: [
      ['*', '*'],
      ['m.room.member', '*'],
    ],
  }
  return new SlidingSync(baseUrl, new Map([['all', rooms]]), { timeline_limit: 20, required_state: [] }, matrix, 5_000)
}

/** An encrypted room of the client, with these users invited. */
export async function createEncryptedRoom({ matrix }: JsSdkClient, invite: readonly string[]): Promise<string> {
  const { room_id: roomId } = await matrix.createRoom({
    preset: Preset.PrivateChat,
    invite: [...invite],
    initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  })
  await waitFor('the room to be encrypted', () => (matrix.isRoomEncrypted(roomId) ? true : undefined))
  return roomId
}

/** Joins once the invite has arrived, and waits until the room is known to be encrypted. */
export async function acceptInvite({ matrix }: JsSdkClient, roomId: string): Promise<void> {
  await waitFor('the invite', () => (matrix.getRoom(roomId)?.getMyMembership() === 'invite' ? true : undefined))
  await matrix.joinRoom(roomId)
  await waitFor('the join', () => (matrix.getRoom(roomId)?.getMyMembership() === 'join' ? true : undefined))
  await waitFor('the room to be encrypted', () => (matrix.isRoomEncrypted(roomId) ? true : undefined))
}

/** Waits until the client knows that this user is joined, so that the next room key is shared with them. */
export async function waitForMember({ matrix }: JsSdkClient, roomId: string, userId: string): Promise<void> {
  const isJoined = () => matrix.getRoom(roomId)?.getMember(userId)?.membership === 'join'
  await waitFor(`${userId} to be joined`, () => (isJoined() ? true : undefined))
}

/** Sends a text; the event's ID. */
export async function sendText({ matrix }: JsSdkClient, roomId: string, body: string): Promise<string> {
  return (await matrix.sendTextMessage(roomId, body)).event_id
}

/** The message with this text, once it arrived and was decrypted; rejects if it is not encrypted on the wire. */
export async function receiveText(client: JsSdkClient, roomId: string, body: string): Promise<MatrixEvent> {
  const find = () => listEvents(client, roomId).find((event) => event.getContent().body === body)
  const event = await waitFor(`“${body}” at ${client.account.userId}`, find).catch((error: Error) => {
    throw new Error(`${error.message}; it has ${listEvents(client, roomId).map(describeEvent).join(', ')}`)
  })
  if (event.getWireType() !== 'm.room.encrypted') throw new Error(`“${body}” was sent in the clear`)
  return event
}

function listEvents({ matrix }: JsSdkClient, roomId: string): MatrixEvent[] {
  return matrix.getRoom(roomId)?.getLiveTimeline().getEvents() ?? []
}

function describeEvent(event: MatrixEvent): string {
  return `${event.getType()} ${event.decryptionFailureReason ?? ''} ${event.getContent().body ?? ''}`.trim()
}
