/** Waiting for something that a running program will bring about. */

import { setTimeout as sleep } from 'node:timers/promises'

/** The first answer of `find` that is not undefined; asks every 25 ms and rejects with `what` after `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  find: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline) {
    const found = await find()
    if (found !== undefined) return found
    await sleep(25)
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
}
