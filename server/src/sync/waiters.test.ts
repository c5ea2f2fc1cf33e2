/** Polls that wait, and sessions that end before they do. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemClock } from '../base/index.ts'
import { createWaiters, type WaitPlace } from './waiters.ts'

const waiters = createWaiters(createSystemClock(), () => 0)
const { signal } = new AbortController()
const place = (begun: number, more: Partial<WaitPlace> = {}): WaitPlace => ({
  ...{ user: 1, deviceId: 'PHONE', waitMs: 60_000, begun, wantsPresence: false, signal },
  ...more,
})
const endOf = async (wait: Promise<unknown>) =>
  wait.then(
    () => 'answered',
    (error: { errcode: string }) => error.errcode,
  )

test('a session that ended while its poll was on the way does not wait; one that began later does', async () => {
  waiters.endSession({ user: 1, deviceId: 'PHONE', position: 10, isLocked: false })
  assert.equal(await endOf(waiters.wait(place(9))), 'M_UNKNOWN_TOKEN')
  const others = [place(10), place(9, { deviceId: 'LAPTOP' }), place(9, { user: 2 })].map((one) => waiters.wait(one))
  waiters.wake(1)
  waiters.wake(2)
  assert.deepEqual(await Promise.all(others.map(endOf)), ['answered', 'answered', 'answered'])
})

test('a lock ends the polls of all devices, those that are about to wait too, and says that it is one', async () => {
  const waiting = [waiters.wait(place(20)), waiters.wait(place(20, { deviceId: 'LAPTOP' }))]
  waiters.endSession({ user: 1, deviceId: null, position: 21, isLocked: true })
  assert.deepEqual(await Promise.all(waiting.map(endOf)), ['M_USER_LOCKED', 'M_USER_LOCKED'])
  assert.equal(await endOf(waiters.wait(place(20, { deviceId: 'TABLET' }))), 'M_USER_LOCKED')
  const later = waiters.wait(place(21))
  waiters.close()
  assert.equal(await endOf(later), 'answered')
})
