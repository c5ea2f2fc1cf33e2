/** A matrix-nio client in a Python process, driven by one JSON line a command. PARALLAX_TEST_PYTHON: which Python. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestAccount } from '../kit/account.ts'

export type NioClient = {
  readonly userId: string
  readonly deviceId: string
  /** Makes an encrypted room; its ID. */
  createRoom(invite: readonly string[]): Promise<string>
  /** Waits for the invite and joins. */
  join(roomId: string): Promise<void>
  /** Waits until this user is joined and their device keys are known. */
  waitForMember(roomId: string, userId: string): Promise<void>
  /** Sends a text, encrypted; the event's ID. */
  send(roomId: string, body: string): Promise<string>
  /** Waits for this text; rejects if it was not encrypted. */
  receive(roomId: string, body: string): Promise<void>
  stop(): Promise<void>
}

/** The Python for which Debian's packages python3-matrix-nio and python3-olm are installed. */
const python = process.env.PARALLAX_TEST_PYTHON ?? '/usr/bin/python3'
const script = fileURLToPath(new URL('nio-client.py', import.meta.url))

/** A client on a new device of the account, which syncs. */
export async function startNioClient(baseUrl: string, account: TestAccount): Promise<NioClient> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function ask(command: string, parameters: object): Promise<Record<string, string>> {
    child.stdin.write(`${JSON.stringify({ do: command, with: parameters })}\n`)
    const { value, done } = await answers.next()
    if (done)
      throw new Error(`the nio client ended; are python3-matrix-nio and python3-olm installed?\n${errors.join('')}`)
    const { result, error } = JSON.parse(value)
    if (error !== undefined) throw new Error(`nio ${command}: ${error}\n${errors.join('')}`)
    return result
  }

  const { userId, password } = account
  const { deviceId } = await ask('login', { base_url: baseUrl, user_id: userId, password })
  return {
    userId,
    deviceId: deviceId!,
    createRoom: async (invite) => (await ask('create_room', { invite })).roomId!,
    join: async (roomId) => void (await ask('join', { room_id: roomId })),
    waitForMember: async (roomId, member) => void (await ask('wait_member', { room_id: roomId, user_id: member })),
    send: async (roomId, body) => (await ask('send', { room_id: roomId, body })).eventId!,
    async receive(roomId, body) {
      const text: Record<string, unknown> = await ask('wait_text', { room_id: roomId, body })
      if (text.encrypted !== true) throw new Error(`“${body}” was sent in the clear`)
    },
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
