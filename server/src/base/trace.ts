/** Which request the running code belongs to, so that every log line can name it. */

import { AsyncLocalStorage } from 'node:async_hooks'

const requestIds = new AsyncLocalStorage<string>()

/** Runs `task` as part of the request `requestId`. */
export function withRequestId<T>(requestId: string, task: () => T): T {
  return requestIds.run(requestId, task)
}

/** The request that the caller works for, if any. */
export function findRequestId(): string | undefined {
  return requestIds.getStore()
}
