/** What is in memory of the queues of to-device messages: most are empty, and then no sync asks the store. */

import type { DeviceId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import type { Reader } from '../store/index.ts'
import { deviceLimits } from './limits.ts'
import { findQueueEnds } from './to-device-table.ts'

/** Nothing waits before `oldest` nor after `newest`; empty: infinity and 0. */
type Ends = { oldest: Position; newest: Position }

export class Queues {
  readonly #reader: Reader
  readonly #ends = new Lru<string, Ends>(deviceLimits.queuesCachedMax)
  #additions = 0

  constructor(reader: Reader) {
    this.#reader = reader
  }

  async findEnds(user: number, device: DeviceId): Promise<Readonly<Ends>> {
    const known = this.#ends.get(`${user}/${device}`)
    if (known !== undefined) return known
    const before = this.#additions
    const { oldest, newest } = await findQueueEnds(this.#reader, user, device)
    const ends = { oldest: oldest ?? Number.POSITIVE_INFINITY, newest: newest ?? 0 }
    if (this.#additions === before) this.#ends.set(`${user}/${device}`, ends)
    return ends
  }

  noteAdded(user: number, device: DeviceId, position: Position): void {
    this.#additions += 1
    const ends = this.#ends.get(`${user}/${device}`)
    if (ends === undefined) return
    ends.oldest = Math.min(ends.oldest, position)
    ends.newest = Math.max(ends.newest, position)
  }

  noteRemoved(user: number, device: DeviceId, upTo: Position): void {
    const ends = this.#ends.get(`${user}/${device}`)
    if (ends === undefined || ends.oldest > upTo) return
    ends.oldest = ends.newest <= upTo ? Number.POSITIVE_INFINITY : upTo + 1
  }
}
