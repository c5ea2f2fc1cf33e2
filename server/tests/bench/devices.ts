/** Speed of accounts and devices without HTTP: finding the caller, uploading, querying and claiming keys, to-device. */

import { randomBytes } from 'node:crypto'
import { createSystemClock, type Logger } from '../../src/base/index.ts'
import { createDevices } from '../../src/devices/index.ts'
import { createJournal } from '../../src/journal/index.ts'
import { createMail } from '../../src/mail/index.ts'
import { createNames } from '../../src/store/index.ts'
import { type Caller, createUsers, type OpenedSession } from '../../src/users/index.ts'
import { openTestStore } from '../kit/store.ts'

const userCount = 100
const quiet = () => undefined
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const { store, close } = await openTestStore()
const clock = createSystemClock()
const shared = { store, names: createNames(store), journal: await createJournal(store), clock, logger }
const config = { serverName: 'bench.example' as never, registration: 'open' as const, passwordMemoryKib: 64 }
const mail = createMail(undefined, logger)
const links = { confirmEmail: () => '' }
const users = createUsers({ ...shared, randomBytes, config, mail, links, requireSafe: async () => {} })
const devices = createDevices({ ...shared, users, isLocal: (server) => server === config.serverName, config: {} })

/** Runs `task` for `durationMs`, `inFlight` at a time, and prints calls per second as a line of JSON. */
async function measure(name: string, inFlight: number, count: number, task: (index: number) => Promise<unknown>) {
  const startMs = performance.now()
  const cpu = process.cpuUsage()
  let next = 0
  const work = async () => {
    while (next < count) await task(next++)
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  const tookMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = Math.round((count * 1000) / tookMs)
  console.log(JSON.stringify({ bench: name, perSecond, cpuMicros: Math.round((user + system) / count) }))
}

async function register(index: number): Promise<Caller> {
  const { done } = (await users.register({
    kind: 'user',
    username: `user${index}`,
    password: 'password',
    deviceId: undefined,
    deviceName: undefined,
    isLoginInhibited: false,
    wantsRefreshToken: false,
    auth: { type: 'm.login.dummy' },
    ip: '127.0.0.1',
  })) as { done: OpenedSession }
  tokens.push(done.accessToken)
  return ((await users.findCaller(done.accessToken)) as { caller: Caller }).caller
}

const tokens: string[] = []
const callers: Caller[] = []
for (let index = 0; index < userCount; index += 1) callers.push(await register(index))
const fake = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
const keysOf = ({ userId, deviceId }: Caller) => {
  const signatures = { [userId]: { [`ed25519:${deviceId}`]: fake(64) } }
  const names = Array.from({ length: 50 }, (_, index) => `signed_curve25519:AAAA${index}`)
  return {
    device_keys: {
      user_id: userId,
      device_id: deviceId as string,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: { [`curve25519:${deviceId}`]: fake(32), [`ed25519:${deviceId}`]: fake(32) },
      signatures,
    },
    one_time_keys: Object.fromEntries(names.map((name) => [name, { key: fake(32), signatures }])),
  }
}
const bodies = callers.map(keysOf)
const asked = Object.fromEntries(callers.slice(0, 50).map(({ userId }) => [userId, []]))
const claimOf = (index: number) =>
  Object.fromEntries(
    Array.from({ length: 10 }, (_, offset) => {
      const { userId, deviceId } = callers[(index * 10 + offset) % userCount]!
      return [userId, { [deviceId!]: 'signed_curve25519' }]
    }),
  )
const messages = Object.fromEntries(
  callers.slice(0, 50).map(({ userId, deviceId }) => [userId, { [deviceId!]: { ciphertext: 'x'.repeat(600) } }]),
)

await measure('find-caller', 1, 200_000, (index) => users.findCaller(tokens[index % userCount]!))
await measure('keys-upload', 8, userCount, (index) => devices.uploadKeys(callers[index]!, bodies[index]!))
await measure('keys-query-50', 4, 5_000, () => devices.queryKeys(callers[0]!, { device_keys: asked }))
await measure('keys-claim-10', 4, 2000, (index) => devices.claimKeys({ one_time_keys: claimOf(index) }))
await measure('to-device-50', 1, 300, (index) => devices.sendToDevice(callers[99]!, 'm.bench', `t${index}`, messages))
await close()
