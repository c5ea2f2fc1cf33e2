/** Passwords: argon2id on other threads, few at a time. */

import { MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'

export interface Passwords {
  /** The text to store. Throws MatrixError M_WEAK_PASSWORD, M_INVALID_PARAM, M_LIMIT_EXCEEDED. */
  hash(password: string): Promise<string>
  /** True if the password is the one that was hashed; takes as long for an account without one. */
  verify(stored: string | null | undefined, password: string): Promise<boolean>
}

export type PasswordCost = { readonly memoryKib: number; readonly passes: number }

/** The library is loaded with the first password. */
export function createPasswords(cost: PasswordCost): Passwords {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 }
  const takeTurn = createTurns()
  let decoy: Promise<string> | undefined
  const hashNow = (password: string) => takeTurn(async () => (await import('@node-rs/argon2')).hash(password, options))
  return {
    async hash(password) {
      checkLength(password)
      return hashNow(password)
    },
    async verify(stored, password) {
      if (Buffer.byteLength(password) > userLimits.passwordBytesMax) return false
      if (stored === null || stored === undefined) decoy ??= hashNow('no account has this password')
      const text = stored ?? (await decoy)!
      const isRight = await takeTurn(async () => (await import('@node-rs/argon2')).verify(text, password))
      return isRight && text === stored
    },
  }
}

function checkLength(password: string): void {
  if (password === '') throw new MatrixError('M_WEAK_PASSWORD', 'The password is empty.')
  if (Buffer.byteLength(password) > userLimits.passwordBytesMax) {
    throw new MatrixError('M_INVALID_PARAM', `A password has at most ${userLimits.passwordBytesMax} bytes.`)
  }
}

/** Runs at most `hashesMax` tasks side by side. */
function createTurns(): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= userLimits.hashesMax) {
      if (waiting.length >= userLimits.hashesWaitingMax) throw busy()
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

function busy(): MatrixError {
  return new MatrixError('M_LIMIT_EXCEEDED', 'Too many people log in at this moment.', { retry_after_ms: 2_000 })
}
