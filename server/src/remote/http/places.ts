/** Places for requests under way: so many in all, and so many of one origin. Who waits is served in order. */

import { remoteLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'

type Waiter = { readonly take: () => void }

type Origin = { running: number; readonly waiting: Set<Waiter> }

export interface Places {
  /** Resolves with the function that gives the place back, when there is one; rejects as the signal says. */
  take(origin: string, signal: AbortSignal): Promise<() => void>
  running(): number
  waiting(): number
}

/** Places of so many requests. */
export function createPlaces(runningMax: number, perOriginMax: number): Places {
  const origins = new Map<string, Origin>()
  const ready = new Map<string, Origin>()
  let running = 0
  let waiting = 0

  /** Gives free places to waiting origins in turn. */
  const fill = () => {
    for (const [name, origin] of ready) {
      if (running >= runningMax) return
      ready.delete(name)
      const [waiter] = origin.waiting
      if (waiter === undefined || origin.running >= perOriginMax) continue
      waiter.take()
      if (origin.waiting.size > 0 && origin.running < perOriginMax) ready.set(name, origin)
    }
  }
  const giveBack = (name: string, origin: Origin) => {
    running--
    origin.running--
    if (origin.waiting.size > 0) ready.set(name, origin)
    else if (origin.running === 0) origins.delete(name)
    fill()
  }

  return {
    running: () => running,
    waiting: () => waiting,
    take(name, signal) {
      if (waiting >= remoteLimits.waitingMax)
        return Promise.reject(new RemoteError('timeout', 'too many requests wait'))
      const origin = origins.get(name) ?? { running: 0, waiting: new Set() }
      origins.set(name, origin)
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting--
          origin.waiting.delete(waiter)
          signal.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          if (origin.waiting.size === 0 && origin.running === 0) origins.delete(name)
          reject(signal.reason)
        }
        const waiter: Waiter = {
          take() {
            leave()
            running++
            origin.running++
            let isGiven = false
            resolve(() => {
              if (isGiven) return
              isGiven = true
              giveBack(name, origin)
            })
          },
        }
        waiting++
        origin.waiting.add(waiter)
        signal.addEventListener('abort', onAbort)
        ready.set(name, origin)
        fill()
      })
    },
  }
}
