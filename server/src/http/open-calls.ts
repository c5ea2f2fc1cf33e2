/** Abort signals of the requests that wait for something, made only when a handler asks for one. */

import type { ServerResponse } from 'node:http'

export interface OpenCalls {
  /** Aborted when the client has gone or the server stops. */
  signalOf(response: ServerResponse): AbortSignal
  /** Forgets a request that was answered. */
  end(response: ServerResponse): void
  /** Ends all waits, so that their handlers answer with what they have; later signals are aborted from the start. */
  abortAll(): void
  /** How many wait. */
  readonly size: number
}

/** No open calls yet. */
export function createOpenCalls(): OpenCalls {
  const controllers = new Map<ServerResponse, AbortController>()
  let isStopping = false
  return {
    get size() {
      return controllers.size
    },
    signalOf(response) {
      const known = controllers.get(response)
      if (known !== undefined) return known.signal
      const controller = new AbortController()
      controllers.set(response, controller)
      if (isStopping || response.destroyed) controller.abort()
      response.once('close', () => {
        if (!response.writableFinished) controller.abort()
        controllers.delete(response)
      })
      return controller.signal
    },
    end(response) {
      if (controllers.size > 0) controllers.delete(response)
    },
    abortAll() {
      isStopping = true
      for (const controller of controllers.values()) controller.abort()
    },
  }
}
