/** A clock that runs like the machine's and can be turned forwards: what falls due on the way is run. */

import { type Clock, createSystemClock } from '../../src/base/index.ts'

export type TurnedClock = Clock & {
  /** Lets this much time pass at once. */
  turn(ms: number): void
}

type Task = { readonly atMs: number; readonly run: () => void; readonly cancel: () => void }

export function createTurnedClock(): TurnedClock {
  const clock = createSystemClock()
  const tasks = new Set<Task>()
  let aheadMs = 0
  const nowMs = () => clock.nowMs() + aheadMs

  function end(task: Task): void {
    task.cancel()
    tasks.delete(task)
  }

  return {
    nowMs,
    schedule(delayMs, run) {
      const task: Task = {
        atMs: nowMs() + delayMs,
        run,
        cancel: clock.schedule(delayMs, () => {
          tasks.delete(task)
          run()
        }),
      }
      tasks.add(task)
      return () => end(task)
    },
    turn(ms) {
      aheadMs += ms
      const due = [...tasks].filter(({ atMs }) => atMs <= nowMs()).sort((a, b) => a.atMs - b.atMs)
      for (const task of due) {
        if (!tasks.has(task)) continue
        end(task)
        task.run()
      }
    },
  }
}
