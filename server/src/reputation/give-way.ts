/** Long work in steps: what else there is to do comes in between, or a large feed would hold up a whole server. */

import { setImmediate } from 'node:timers/promises'

/** Resolves when what was waiting had its turn. */
export async function giveWay(): Promise<void> {
  await setImmediate()
}

/** What the steps come to. */
export async function runInSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    await giveWay()
  }
}
