/** When and from where sessions were last used: collected in memory, written in batches. */

import { userLimits } from './limits.ts'
import { type Seen, updateSeen } from './session-table.ts'
import type { UserContext } from './user-context.ts'
import type { Caller } from './users.ts'

export interface LastSeen {
  note(caller: Caller, ip: string, userAgent: string | undefined): void
  flush(): Promise<void>
}

const agentCharsMax = 200

export function createLastSeen({ store, clock, logger }: UserContext): LastSeen {
  // One object stands for a session as long as its token is remembered.
  let seen = new Map<Caller, Seen>()
  let cancel: (() => void) | undefined

  async function flush(): Promise<void> {
    cancel?.()
    cancel = undefined
    const noted = seen
    seen = new Map()
    if (noted.size === 0) return
    await store.transact((tx) => {
      for (const [{ user, deviceId }, at] of noted) if (deviceId !== undefined) updateSeen(tx, user, deviceId, at)
    })
  }

  function flushLater(): void {
    flush().catch((error: unknown) => logger.warn({ err: error }, 'when sessions were seen could not be written'))
  }

  return {
    note(caller, ip, userAgent) {
      seen.set(caller, { ms: clock.nowMs(), ip, agent: userAgent?.slice(0, agentCharsMax) ?? null })
      if (seen.size >= userLimits.seenMax) flushLater()
      else cancel ??= clock.schedule(userLimits.seenFlushMs, flushLater)
    },
    flush,
  }
}
