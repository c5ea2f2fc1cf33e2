/** A whole server in the test's own process, with a clock that the test can turn, spoken to over HTTP. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@parallax/protocol'
import type { Logger } from '../../src/base/index.ts'
import { compose, type Program } from '../../src/compose.ts'
import { type Environment, loadConfig } from '../../src/config/index.ts'
import type { OpenOrigin } from '../../src/remote/index.ts'
import { recordTraffic } from './record-traffic.ts'
import { createTestPlace } from './store.ts'
import { createTurnedClock, type TurnedClock } from './turned-clock.ts'

export type Answered = { readonly status: number; readonly body: JsonObject; readonly headers: Headers }

export type CallOptions = { readonly token?: string | undefined; readonly body?: object | string | undefined }

/** A user with one device. */
export type TestUser = {
  readonly userId: string
  readonly deviceId: string
  readonly token: string
  readonly password: string
  /** A call with the user's token. Paths without a leading slash are below `/_matrix/client/v3/`. */
  call(method: string, path: string, body?: object | string): Promise<Answered>
  /** As `call`, and the status must be 200. */
  ok(method: string, path: string, body?: object | string): Promise<JsonObject>
}

export type InProcess = {
  readonly program: Program
  readonly baseUrl: string
  readonly serverName: string
  readonly clock: TurnedClock
  call(method: string, path: string, options?: CallOptions): Promise<Answered>
  /** Registers a user by the open registration. */
  register(localpart: string, password?: string): Promise<TestUser>
  /** A new device of the user. */
  logIn(user: TestUser, more?: object): Promise<TestUser>
  /** Closes it and opens it again on the same data; `meanwhile` is done while it is away. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** What several servers of one test may share. */
export type InProcessParts = {
  readonly clock?: TurnedClock
  readonly openOrigin?: OpenOrigin
  readonly logger?: Logger
}

const quiet: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (fields, message) => console.error(message, fields),
}

/** Passwords cost little in tests. */
const cheapPasswords = 'passwords: { memoryKib: 64, passes: 1, lengthMin: 1 }\n'

/**
 * Starts a server with open registration and without rate limits; `environment` is laid over that, `yaml` is added to
 * the config file.
 */
export async function startInProcess(
  environment: Environment = {},
  yaml = '',
  parts: InProcessParts = {},
): Promise<InProcess> {
  const home = mkdtempSync(join(tmpdir(), 'parallax-in-process-'))
  writeFileSync(join(home, 'config.yaml'), (/^passwords:/m.test(yaml) ? '' : cheapPasswords) + yaml)
  const serverName = environment.SERVER_NAME ?? 'test.example'
  const { config } = await loadConfig({
    SERVER_NAME: serverName,
    HOMESERVER_DATA_DIR: home,
    HOMESERVER_HTTP_PORT: '0',
    HOMESERVER_OPEN_REGISTRATION: '1',
    HOMESERVER_RATE_LIMITS: 'off',
    ...environment,
  })
  const place = await createTestPlace()
  const { clock = createTurnedClock(), openOrigin, logger = quiet } = parts
  const open = async () => {
    const program = await compose({ config, clock, logger, store: place.options, openOrigin })
    const recorder = await recordTraffic(`http://127.0.0.1:${(await program.listen()).port}`)
    return { program, recorder, baseUrl: recorder.url }
  }
  let { program, recorder, baseUrl } = await open()
  const call = (method: string, path: string, options: CallOptions = {}) => send(baseUrl, method, path, options)
  const toUser = (body: JsonObject, password: string): TestUser => {
    const token = String(body.access_token)
    const user = { userId: String(body.user_id), deviceId: String(body.device_id), token, password }
    const ownCall: TestUser['call'] = (method, path, given) => call(method, path, { token, body: given })
    const ok: TestUser['ok'] = async (...request) => requireOk(await ownCall(...request), request)
    return { ...user, call: ownCall, ok }
  }
  return {
    get program() {
      return program
    },
    get baseUrl() {
      return baseUrl
    },
    serverName,
    clock,
    call,
    async register(username, password = `password of ${username}`) {
      const body = { username, password, auth: { type: 'm.login.dummy' } }
      return toUser(requireOk(await call('POST', 'register', { body }), ['POST', 'register']), password)
    },
    async logIn({ userId, password }, more = {}) {
      const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user: userId }, password, ...more }
      return toUser(requireOk(await call('POST', 'login', { body }), ['POST', 'login']), password)
    },
    async restart(meanwhile = async () => {}) {
      await program.close()
      await recorder.close()
      await meanwhile()
      ;({ program, recorder, baseUrl } = await open())
    },
    async close() {
      await program.close()
      await recorder.close()
      place.remove()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The status and errcode of a refusal, for comparing. */
export function refusalOf({ status, body }: Answered): string {
  return `${status} ${body.errcode}`
}

function requireOk({ status, body }: Answered, request: readonly unknown[]): JsonObject {
  assert.equal(status, 200, `${request.slice(0, 2).join(' ')}: ${status} ${JSON.stringify(body)}`)
  return body
}

async function send(baseUrl: string, method: string, path: string, { token, body }: CallOptions): Promise<Answered> {
  const url = baseUrl + (path.startsWith('/') ? path : `/_matrix/client/v3/${path}`)
  const answer = await fetch(url, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text), headers: answer.headers }
}
