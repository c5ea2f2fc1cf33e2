/** How long sends in a room take while something else goes on. */

import type { TestUser } from './in-process.ts'

let sends = 0

/** Sends messages one after another until the task ends, at least three; answers how long the slowest took, ms. */
export async function slowestSend(user: TestUser, roomId: string, task: Promise<unknown>): Promise<number> {
  let isOver = false
  const over = task.finally(() => {
    isOver = true
  })
  over.catch(() => {})
  let slowestMs = 0
  for (let count = 0; count < 3 || (!isOver && count < 1000); count++) {
    const startMs = performance.now()
    const path = `rooms/${encodeURIComponent(roomId)}/send/m.room.message/unrelated${++sends}`
    await user.ok('PUT', path, { msgtype: 'm.text', body: 'unrelated' })
    slowestMs = Math.max(slowestMs, performance.now() - startMs)
  }
  await over
  return slowestMs
}
