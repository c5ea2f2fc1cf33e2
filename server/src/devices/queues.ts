/**
 * What is in memory of the queues of to-device messages: where each begins and ends, for most are empty and then no
 * sync asks the store; and the newest messages, for most are fetched at once by who waits for them.
 */

import type { DeviceId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import type { Reader } from '../store/index.ts'
import { deviceLimits } from './limits.ts'
import { findQueueEnds, listMessages } from './to-device-table.ts'

/** `text`: the event as a client sees it, JSON. */
export type QueuedMessage = { readonly position: Position; readonly text: string }

/** Nothing waits before `oldest` nor after `newest`; empty: infinity and 0. */
type Queue = {
  oldest: Position
  newest: Position
  /** Everything that waits after it is in `recent`. */
  recentAfter: Position
  recent: QueuedMessage[]
}

export type QueueRange = { readonly after: Position; readonly upTo: Position; readonly limit: number }

export class Queues {
  readonly #reader: Reader
  readonly #charsMax: number
  readonly #queues = new Lru<string, Queue>(deviceLimits.queuesCachedMax)
  /** The messages that are in memory, oldest first; what was removed from its queue stays until its turn comes. */
  readonly #kept = new Map<QueuedMessage, Queue>()
  #keptChars = 0
  #changes = 0

  /** `charsMax` bounds the texts in memory. */
  constructor(reader: Reader, charsMax: number = deviceLimits.recentMessageCharsMax) {
    this.#reader = reader
    this.#charsMax = charsMax
  }

  /** Messages of the range, in order. */
  async list(user: number, device: DeviceId, { after, upTo, limit }: QueueRange): Promise<QueuedMessage[]> {
    const queue = await this.#find(user, device)
    if (queue.newest <= after) return []
    if (after >= queue.recentAfter) {
      return queue.recent.filter(({ position }) => position > after && position <= upTo).slice(0, limit)
    }
    const rows = await listMessages(this.#reader, user, device, { after, upTo, limit })
    return rows.map(({ position, content: text }) => ({ position, text }))
  }

  /** False: nothing waits up to there. */
  async hasUpTo(user: number, device: DeviceId, position: Position): Promise<boolean> {
    return (await this.#find(user, device)).oldest <= position
  }

  noteAdded(user: number, device: DeviceId, message: QueuedMessage): void {
    this.#changes += 1
    const queue = this.#queues.get(`${user}/${device}`)
    if (queue === undefined) return
    queue.oldest = Math.min(queue.oldest, message.position)
    queue.newest = Math.max(queue.newest, message.position)
    queue.recent.push(message)
    this.#kept.set(message, queue)
    this.#keptChars += message.text.length
    this.#forgetOldest()
  }

  noteRemoved(user: number, device: DeviceId, upTo: Position): void {
    const queue = this.#queues.get(`${user}/${device}`)
    if (queue === undefined || queue.oldest > upTo) return
    queue.oldest = queue.newest <= upTo ? Number.POSITIVE_INFINITY : upTo + 1
    for (const message of queue.recent) if (message.position <= upTo) this.#drop(message)
    queue.recent = queue.recent.filter(({ position }) => position > upTo)
  }

  /** The devices are gone, with their queues. */
  forget(user: number, devices: readonly DeviceId[]): void {
    this.#changes += 1
    for (const device of devices) {
      for (const message of this.#queues.get(`${user}/${device}`)?.recent ?? []) this.#drop(message)
      this.#queues.delete(`${user}/${device}`)
    }
  }

  async #find(user: number, device: DeviceId): Promise<Readonly<Queue>> {
    const known = this.#queues.get(`${user}/${device}`)
    if (known !== undefined) return known
    const before = this.#changes
    const { oldest, newest } = await findQueueEnds(this.#reader, user, device)
    const queue = {
      oldest: oldest ?? Number.POSITIVE_INFINITY,
      newest: newest ?? 0,
      recentAfter: newest ?? 0,
      recent: [],
    }
    if (this.#changes === before) this.#queues.set(`${user}/${device}`, queue)
    return queue
  }

  #drop(message: QueuedMessage): void {
    if (this.#kept.delete(message)) this.#keptChars -= message.text.length
  }

  #forgetOldest(): void {
    for (const [message, queue] of this.#kept) {
      if (this.#keptChars <= this.#charsMax) return
      this.#drop(message)
      // Both are in the order of arrival: it is the first of its queue.
      queue.recentAfter = message.position
      queue.recent.shift()
    }
  }
}
