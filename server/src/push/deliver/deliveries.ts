/**
 * Pushers at work: each delivers one after another, in order and at least once; a failure is tried again later and
 * later. Work is bounded in all and per gateway, so that a slow gateway holds up nobody else's.
 */

import { createKeyedQueue, type Logger } from '../../base/index.ts'
import { deliveryLimits } from '../limits.ts'
import { countUnread } from '../notification-table.ts'
import { type DeliverDeps, type Delivered, deliverNext } from './deliver-next.ts'
import { listDeliveriesAfter } from './delivery-table.ts'
import { createLanes } from './lanes.ts'
import type { Progress } from './progress.ts'
import type { Pusher } from './pusher.ts'
import type { Recipients } from './recipients.ts'

export type DeliveriesDeps = DeliverDeps & {
  readonly recipients: Recipients
  readonly progress: Progress
  readonly removePusher: (pusher: Pusher) => Promise<void>
  readonly logger: Logger
}

export type DeliveryCounts = { delivered: number; failed: number; rejected: number }

export interface Deliveries {
  /** The user's pushers may have changed; new ones begin after `position`. Answers how many there are. */
  refresh(user: number, position: number): Promise<number>
  /** There may be something to deliver to these users. */
  wake(users: Iterable<number>): void
  /** Takes up what was not delivered when the server stopped. */
  resume(): void
  counts(): DeliveryCounts & { readonly running: number; readonly waiting: number }
  close(): Promise<void>
}

export function createDeliveries(deps: DeliveriesDeps): Deliveries {
  const { recipients, progress, clock, logger } = deps
  const lanes = createLanes(deliveryLimits.requestsMax, deliveryLimits.requestsPerGatewayMax)
  const turns = createKeyedQueue<number>()
  const counts: DeliveryCounts = { delivered: 0, failed: 0, rejected: 0 }
  let isClosed = false

  function start(pusher: Pusher): void {
    if (isClosed || pusher.isGone || pusher.state === 'running') return
    const waitMs = pusher.retryMs - clock.nowMs()
    if (pusher.state === 'waiting') {
      // Its client set it again: no reason to wait any longer.
      if (pusher.cancelRetry === undefined || waitMs > 0) return
      pusher.cancelRetry()
    }
    pusher.state = 'waiting'
    recipients.onState(pusher.user)
    if (waitMs <= 0) enqueue(pusher)
    else pusher.cancelRetry = clock.schedule(waitMs, () => enqueue(pusher))
  }

  function enqueue(pusher: Pusher): void {
    pusher.cancelRetry = undefined
    lanes.run(pusher.gateway.origin, () => run(pusher))
  }

  async function run(pusher: Pusher): Promise<void> {
    pusher.state = 'running'
    pusher.isDirty = false
    const ended = await deliver(pusher)
    progress.note(pusher)
    pusher.state = 'idle'
    recipients.onState(pusher.user)
    if (ended === 'more' || pusher.isDirty) start(pusher)
  }

  /** Answers `more` if there is something left to do, now or after a wait. */
  async function deliver(pusher: Pusher): Promise<'more' | 'done'> {
    try {
      const result = await deliverNext(deps, pusher, () => {
        counts.delivered++
        pusher.failures = 0
        pusher.retryMs = 0
      })
      return await onDelivered(pusher, result)
    } catch (error) {
      logger.error({ error }, 'a notification could not be made')
      backOff(pusher, 0)
      return 'more'
    }
  }

  async function onDelivered(pusher: Pusher, result: Delivered): Promise<'more' | 'done'> {
    switch (result.outcome) {
      case 'rejected':
        counts.rejected++
        pusher.isGone = true
        await deps.removePusher(pusher)
        return 'done'
      case 'failed':
        logger.debug({ gateway: pusher.gateway.origin, reason: result.reason }, 'a push gateway failed')
        backOff(pusher, result.waitMs)
        return 'more'
      case 'later':
        pusher.retryMs = clock.nowMs() + result.waitMs
        return 'more'
      default:
        return result.outcome === 'more' ? 'more' : 'done'
    }
  }

  function backOff(pusher: Pusher, leastMs: number): void {
    counts.failed++
    const doubledMs = deliveryLimits.retryMinMs * 2 ** Math.min(pusher.failures, 20)
    pusher.failures++
    pusher.retryMs = clock.nowMs() + Math.max(leastMs, Math.min(doubledMs, deliveryLimits.retryMaxMs))
  }

  async function wakeOne(user: number): Promise<void> {
    const { pushers } = await turns.run(user, () => recipients.find(user))
    for (const pusher of pushers) {
      pusher.isDirty = true
      start(pusher)
    }
  }

  function wake(users: Iterable<number>): void {
    if (isClosed) return
    for (const user of users) {
      wakeOne(user).catch((error: unknown) => logger.error({ error }, 'the pushers of a user could not be read'))
    }
  }

  async function resume(): Promise<void> {
    const { longReader } = deps.store
    for (let last = 0; !isClosed; ) {
      const rows = await listDeliveriesAfter(longReader, last, deliveryLimits.resumeUsers)
      if (rows.length === 0) return
      const unread = await countUnread(longReader, [...new Set(rows.map(({ user }) => user))])
      const pending = rows.filter(({ user, doneTo, badge }) => {
        const { count, newest } = unread.get(user) ?? { count: 0, newest: 0 }
        return newest > doneTo || count !== badge
      })
      wake(new Set(pending.map(({ user }) => user)))
      last = rows.at(-1)!.user
    }
  }

  return {
    refresh: (user, position) => turns.run(user, () => recipients.refresh(user, position)),
    wake,
    resume() {
      resume().catch((error: unknown) => logger.error({ error }, 'undelivered notifications could not be read'))
    },
    counts: () => ({ ...counts, running: lanes.running, waiting: recipients.busy.size }),
    async close() {
      isClosed = true
      for (const { pushers } of recipients.busy.values()) for (const { cancelRetry } of pushers) cancelRetry?.()
      let cancel = () => {}
      const tooLong = new Promise<void>((resolve) => {
        cancel = clock.schedule(deliveryLimits.stopMs, resolve)
      })
      await Promise.race([lanes.close(), tooLong])
      cancel()
      await progress.save()
    },
  }
}
