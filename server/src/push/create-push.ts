/** Builds the push component. */

import { createKeyedQueue } from '../base/index.ts'
import { createAudience } from './audience.ts'
import { createDeliveries, type Deliveries } from './deliver/deliveries.ts'
import { createEventFacts } from './deliver/event-facts.ts'
import { createProgress } from './deliver/progress.ts'
import { createRecipients } from './deliver/recipients.ts'
import { createFollowings, type Followings } from './followings.ts'
import { createJudge } from './judge.ts'
import { notificationLimits } from './limits.ts'
import { showNotifications } from './list-notifications.ts'
import { createRecordFollower } from './on-records.ts'
import type { Push, PushDeps } from './push.ts'
import { listPushUsers } from './push-user-table.ts'
import { createSettled } from './settled.ts'
import { createUnread } from './unread.ts'

/** The component; it follows the journal from the journal's start on. */
export async function createPush(deps: PushDeps): Promise<Push> {
  const { store, journal, clock, users } = deps
  const known = await listPushUsers(store.reader)
  const parts = {
    ...deps,
    audience: createAudience(
      deps,
      known.map(({ user }) => user),
    ),
    judge: createJudge(deps),
    unread: createUnread(store.reader),
    turns: createKeyedQueue<'notifications'>(),
  }
  const deliveries = createDeliveries({
    ...parts,
    facts: createEventFacts(deps),
    recipients: createRecipients(deps),
    progress: createProgress(deps),
    removePusher: ({ user, appId, pushKey }) => users.removePusher(user, appId, pushKey),
  })
  const followings = createFollowings({ ...parts, onChanged: deliveries.wake })
  const follower = createRecordFollower({
    ...parts,
    onPushers: (user, position) => onPushers(deps, deliveries, followings, user, position),
    onChanged: deliveries.wake,
  })
  const settled = createSettled(journal, clock)
  journal.follow('push', async (records) => {
    const hasWritten = await follower.handle(records)
    settled.onHandled(records)
    // Each user's rows are elsewhere in the table: what comes in a moment is written together, a page for many rows.
    if (hasWritten && records.length < notificationLimits.batchMin) await pause(clock)
  })
  observe(deps, deliveries)
  const stopTidying = tidyNowAndThen(deps, followings)
  return {
    async listNotifications(caller, query) {
      await followings.followAsked(caller.user)
      await settled.wait()
      return showNotifications(deps, caller, query)
    },
    resume() {
      deliveries.resume()
      for (const { user, isFilled } of known) if (!isFilled) fillInBackground(deps, followings, user)
    },
    async close() {
      stopTidying()
      await deliveries.close()
    },
  }
}

function pause(clock: PushDeps['clock']): Promise<void> {
  return new Promise((resolve) => void clock.schedule(notificationLimits.batchPauseMs, resolve))
}

async function onPushers(
  deps: PushDeps,
  deliveries: Deliveries,
  followings: Followings,
  user: number,
  position: number,
): Promise<void> {
  const count = await deliveries.refresh(user, position)
  if (count === 0) {
    const devices = (await deps.users.listDeviceIds([user])).get(user) ?? []
    await followings.unfollow(user, devices.length === 0)
    return
  }
  await followings.begin(user)
  fillInBackground(deps, followings, user, position)
  deliveries.wake([user])
}

function fillInBackground({ journal, logger }: PushDeps, followings: Followings, user: number, upto?: number): void {
  followings
    .fill(user, upto ?? journal.committed())
    .catch((error: unknown) => logger.error({ error }, 'past notifications of a user could not be found'))
}

/** Answers how to stop it. */
function tidyNowAndThen({ clock, logger }: PushDeps, followings: Followings): () => void {
  const tidy = (): void => {
    cancel = clock.schedule(notificationLimits.tidyEveryMs, tidy)
    followings.tidy().catch((error: unknown) => logger.warn({ error }, 'old notifications could not be removed'))
  }
  let cancel = clock.schedule(notificationLimits.tidyEveryMs, tidy)
  return () => cancel()
}

function observe({ metrics }: PushDeps, deliveries: Deliveries): void {
  metrics.counter('parallax_push_requests_total', 'Requests to push gateways by how they ended.', ['outcome'], () => {
    const { delivered, failed, rejected } = deliveries.counts()
    return Object.entries({ delivered, failed, rejected }).map(([outcome, value]) => ({ value, labels: { outcome } }))
  })
  metrics.gauge('parallax_push_running', 'Requests to push gateways under way.', [], () => [
    { value: deliveries.counts().running },
  ])
  metrics.gauge('parallax_push_waiting', 'Users to whose pushers something is to be delivered.', [], () => [
    { value: deliveries.counts().waiting },
  ])
}
