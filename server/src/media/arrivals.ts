/** Downloads that wait for bytes which are still being uploaded. */

export interface Arrivals {
  /** Resolves when the bytes are there, or after `waitMs`. */
  wait(origin: string, mediaId: string, waitMs: number): Promise<void>
  tell(origin: string, mediaId: string): void
  close(): void
}

export function createArrivals(): Arrivals {
  const waiting = new Map<string, Set<() => void>>()
  const keyOf = (origin: string, mediaId: string): string => `${origin}/${mediaId}`
  const wakeAll = (key: string): void => {
    for (const wake of waiting.get(key) ?? []) wake()
  }
  return {
    wait(origin, mediaId, waitMs) {
      const key = keyOf(origin, mediaId)
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          const others = waiting.get(key)
          others?.delete(wake)
          if (others?.size === 0) waiting.delete(key)
          resolve()
        }
        const timer = setTimeout(wake, waitMs)
        const others = waiting.get(key) ?? new Set()
        others.add(wake)
        waiting.set(key, others)
      })
    },
    tell: (origin, mediaId) => wakeAll(keyOf(origin, mediaId)),
    close() {
      for (const key of [...waiting.keys()]) wakeAll(key)
    },
  }
}
