/** Whether the server does its work: each component may add a check. */

export interface Health {
  /** `check` answers a sentence if something is wrong, undefined if all is well. */
  add(name: string, check: () => Promise<string | undefined> | string | undefined): void
  /** What is wrong now, by name of the check. */
  faults(): Promise<Record<string, string>>
  /** True between the opening of the sockets and the beginning of the stop. */
  isReady(): boolean
  markReady(isReady: boolean): void
}

/** No checks yet, not ready. */
export function createHealth(): Health {
  const checks = new Map<string, () => Promise<string | undefined> | string | undefined>()
  let ready = false
  return {
    add: (name, check) => void checks.set(name, check),
    isReady: () => ready,
    markReady(isReady) {
      ready = isReady
    },
    async faults() {
      const found: Record<string, string> = {}
      for (const [name, check] of checks) {
        const fault = await Promise.resolve()
          .then(check)
          .catch((error: unknown) => String(error))
        if (fault !== undefined) found[name] = fault
      }
      return found
    },
  }
}
