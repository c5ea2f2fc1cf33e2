/**
 * Clients that use a whole server over HTTP until it dies, and a ledger of what it promised them: what it answered with
 * 200 must be there afterwards, and what was under way when it died must be there once or not at all.
 */

import assert from 'node:assert/strict'

/** A promise of the server: `answer` is missing while the write was under way when the server died. */
export type Write = { readonly actor: number; readonly room: string; readonly n: number; answer?: string }

/** A value that is overwritten again and again: the last one acknowledged, and one that was under way after it. */
export type Register = { acknowledged: number; underWay: number | undefined }

export type Ledger = {
  readonly messages: Map<string, Write>
  readonly toDevice: Map<string, Write>
  readonly topic: Register
  readonly membership: Register
  readonly accountValue: Register
  /** One-time keys by key ID: uploaded and acknowledged; handed out. */
  readonly keysUploaded: Set<string>
  readonly keysClaimed: Set<string>
  /** Answers that were neither 200 nor a broken connection. */
  readonly refusals: string[]
  acknowledged: number
}

export type TestUser = { readonly userId: string; readonly deviceId: string; readonly token: string }

/** A server to ask; the address stays over its restarts. */
export type Target = {
  readonly baseUrl: string
  readonly users: readonly TestUser[]
  readonly rooms: readonly string[]
}

export function createLedger(): Ledger {
  const register = (): Register => ({ acknowledged: 0, underWay: undefined })
  return {
    messages: new Map(),
    toDevice: new Map(),
    topic: register(),
    membership: register(),
    accountValue: register(),
    keysUploaded: new Set(),
    keysClaimed: new Set(),
    refusals: [],
    acknowledged: 0,
  }
}

export type Reply = { readonly status: number; readonly body: Record<string, unknown> }

/** Answers undefined if the connection broke: the server died with the request under way. */
export async function ask(
  target: Target,
  user: TestUser,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply | undefined> {
  try {
    const response = await fetch(`${target.baseUrl}/_matrix/client/v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${user.token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  } catch {
    return undefined
  }
}

/** Like `ask` where the server must be up and must agree. */
export async function require200(
  target: Target,
  user: TestUser,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const reply = await ask(target, user, method, path, body)
  assert.equal(reply?.status, 200, `${method} ${path}: ${JSON.stringify(reply)}`)
  return reply!.body
}

/** Sends a message under a transaction ID of its own; again with the same ID if it was under way before. */
export async function sendMessage(target: Target, key: string, write: Write): Promise<Reply | undefined> {
  const path = `rooms/${write.room}/send/m.room.message/${key}`
  return ask(target, target.users[write.actor]!, 'PUT', path, { msgtype: 'm.text', body: key })
}

/** The last user's device gets a numbered message. */
export async function sendToDevice(target: Target, key: string, write: Write): Promise<Reply | undefined> {
  const watcher = target.users.at(-1)!
  const messages = { [watcher.userId]: { [watcher.deviceId]: { key } } }
  return ask(target, target.users[write.actor]!, 'PUT', `sendToDevice/org.parallax.crash/${key}`, { messages })
}

/** Writes with transaction IDs, one after another, until the server is gone. */
async function writeOnAndOn(
  ledger: Ledger,
  writes: Map<string, Write>,
  next: () => [string, Write],
  send: (key: string, write: Write) => Promise<Reply | undefined>,
): Promise<void> {
  for (;;) {
    const [key, write] = next()
    writes.set(key, write)
    const reply = await send(key, write)
    if (reply === undefined) return
    if (reply.status !== 200) return void ledger.refusals.push(`${key}: ${JSON.stringify(reply)}`)
    write.answer = String(reply.body.event_id ?? 'done')
    ledger.acknowledged++
  }
}

async function overwriteOnAndOn(
  ledger: Ledger,
  register: Register,
  write: (n: number) => Promise<Reply | undefined>,
): Promise<void> {
  for (;;) {
    const n = register.acknowledged + 1
    register.underWay = n
    const reply = await write(n)
    if (reply === undefined) return
    if (reply.status !== 200) return void ledger.refusals.push(`value ${n}: ${JSON.stringify(reply)}`)
    register.acknowledged = n
    register.underWay = undefined
    ledger.acknowledged++
  }
}

let keyNumber = 0

/** Uploads one-time keys of one user and has another one claim them: no key may be handed out twice. */
async function useKeys(target: Target, ledger: Ledger): Promise<void> {
  const [claimer, owner] = target.users as [TestUser, TestUser]
  for (;;) {
    const ids = Array.from({ length: 4 }, () => `crash${++keyNumber}`)
    const keys = ids.map((id) => [`signed_curve25519:${id}`, { key: 'AAAA', signatures: {} }] as const)
    const uploaded = await ask(target, owner, 'POST', 'keys/upload', { one_time_keys: Object.fromEntries(keys) })
    if (uploaded === undefined) return
    if (uploaded.status !== 200) return void ledger.refusals.push(JSON.stringify(uploaded))
    for (const id of ids) ledger.keysUploaded.add(id)
    for (let claim = 0; claim < 3; claim++) {
      const wanted = { [owner.userId]: { [owner.deviceId]: 'signed_curve25519' } }
      const claimed = await ask(target, claimer, 'POST', 'keys/claim', { one_time_keys: wanted })
      if (claimed === undefined) return
      const byDevice = claimed.body.one_time_keys as Record<string, Record<string, Record<string, unknown>>>
      const [name] = Object.keys(byDevice[owner.userId]?.[owner.deviceId] ?? {})
      if (name === undefined) continue
      const id = name.split(':')[1]!
      if (ledger.keysClaimed.has(id)) ledger.refusals.push(`key ${id} was handed out twice`)
      ledger.keysClaimed.add(id)
      ledger.acknowledged++
    }
  }
}

let writeNumber = 0

/** All clients at once; resolves when the server is gone for every one of them. */
export async function loadUntilGone(target: Target, ledger: Ledger): Promise<void> {
  const [alice, bob] = target.users as [TestUser, TestUser]
  const [room, second] = target.rooms as [string, string]
  const nextWrite = (actor: number, place: string) => (): [string, Write] => {
    const n = ++writeNumber
    return [`w${n}`, { actor, room: place, n }]
  }
  const message = (actor: number, place: string) =>
    writeOnAndOn(ledger, ledger.messages, nextWrite(actor, place), (key, write) => sendMessage(target, key, write))
  await Promise.all([
    message(0, room),
    message(1, room),
    message(0, second),
    writeOnAndOn(ledger, ledger.toDevice, nextWrite(1, ''), (key, write) => sendToDevice(target, key, write)),
    overwriteOnAndOn(ledger, ledger.topic, (n) =>
      ask(target, alice, 'PUT', `rooms/${room}/state/m.room.topic/`, { topic: String(n) }),
    ),
    // Even numbers are joined, odd ones have left.
    overwriteOnAndOn(ledger, ledger.membership, (n) =>
      ask(target, target.users[2]!, 'POST', `rooms/${second}/${n % 2 === 0 ? 'join' : 'leave'}`, {}),
    ),
    overwriteOnAndOn(ledger, ledger.accountValue, (n) =>
      ask(target, bob, 'PUT', `user/${bob.userId}/account_data/org.parallax.crash`, { n }),
    ),
    useKeys(target, ledger),
  ])
}
