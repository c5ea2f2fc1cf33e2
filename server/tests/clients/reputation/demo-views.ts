/** What readers do and see in the demonstration, over the documented API only. */

import type { TestUser } from '../../kit/in-process.ts'
import { base, type DemoWorld } from './demo-world.ts'

export const veiled = 'A message that your lens hides.'

/** A message as a reader gets it. */
export type Seen = { readonly sender: string; readonly body: string; readonly action: string; readonly why: string }

/** What an explanation says. */
export type Told = {
  readonly action: string
  readonly bad: number
  readonly sentences: readonly string[]
  readonly records: readonly {
    readonly name: string
    readonly good: number
    readonly bad: number
    deduped_by?: number
  }[]
}

/** The messages of the room, the oldest first. */
export async function readRoom(reader: TestUser, { roomId }: Pick<DemoWorld, 'roomId'>): Promise<Seen[]> {
  type Event = { type: string; sender: string; content: { body?: string }; unsigned?: Record<string, unknown> }
  const { chunk } = (await reader.ok('GET', `rooms/${roomId}/messages?dir=b&limit=50`)) as unknown as { chunk: Event[] }
  const messages = chunk.filter(({ type }) => type === 'm.room.message').reverse()
  return messages.map(({ sender, content, unsigned }) => {
    const mark = unsigned?.['org.parallax.reputation'] as { action: string; explanation_id: string } | undefined
    return { sender, body: content.body ?? '', action: mark?.action ?? 'none', why: mark?.explanation_id ?? '' }
  })
}

/** The last message of somebody, as a reader gets it. */
export async function lastOf(reader: TestUser, world: DemoWorld, sender: TestUser): Promise<Seen> {
  const own = (await readRoom(reader, world)).filter((seen) => seen.sender === sender.userId)
  return own.at(-1) ?? { sender: sender.userId, body: '', action: 'none', why: '' }
}

/** Why a message is as it is. */
export async function ask(reader: TestUser, { why }: Seen): Promise<Told> {
  return (await reader.ok('GET', `${base}/explanations/${why}`)) as unknown as Told
}

/** How far what the records add is from the result: P = (bad + 2 × 0.1) / (good + bad + 2). */
export function errorOf({ bad, records }: Told): number {
  const sum = (side: 'good' | 'bad') => records.reduce((total, record) => total + record[side], 0)
  return Math.abs((sum('bad') + 0.2) / (sum('good') + sum('bad') + 2) - bad)
}

type Listening = { readonly trust: 'curious' | 'some' | 'good' | 'strong' | 'own'; readonly mode?: 'blend' | 'enforce' }

/** Follows feeds by name; a lens of them. */
export async function lensOf(reader: TestUser, world: DemoWorld, wanted: Record<string, Listening>) {
  const subscriptions: { source: number; trust: object; mode: string }[] = []
  for (const [name, { trust, mode = 'blend' }] of Object.entries(wanted)) {
    const address = world.feeds.get(name)
    const { source } = await reader.ok('POST', `${base}/subscriptions`, { address })
    subscriptions.push({ source: Number(source), trust: { '*': trust }, mode })
  }
  return { subscriptions }
}

/** Keeps a lens and looks through it. */
export async function lookThrough(reader: TestUser, name: string, lens: object): Promise<void> {
  await reader.ok('PUT', `${base}/lenses/${name}`, lens)
  await reader.ok('PUT', `${base}/lens`, { name })
}
