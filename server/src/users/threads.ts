/** Following of threads: by the user, or by the client on the user's behalf. Spec: msc4306. */

import { MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'
import { countThreads, findThread, listThreads, type ThreadMode, upsertThread } from './thread-table.ts'
import type { UserContext } from './user-context.ts'
import type { Threads } from './users.ts'

export function createThreads(context: UserContext): Threads {
  const { store, journal, turns } = context

  async function write(user: number, room: number, root: string, mode: ThreadMode): Promise<void> {
    await store.transact((tx) => {
      const position = journal.append(tx, { kind: 'thread', user })
      upsertThread(tx, user, { room, root, mode, position })
    })
  }

  return {
    findThread: (user, room, root) => findThread(store.reader, user, room, root),
    listThreads: (user, range) => listThreads(store.reader, user, range),
    followThread: (user, { room, root, cause }) =>
      turns.run(user, async () => {
        const known = await findThread(store.reader, user, room, root)
        // What the user asked for is never turned into what a client guessed.
        if (known?.mode === 'manual' || (known?.mode === 'automatic' && cause !== undefined)) return
        if (known === undefined) await requireSpace(context, user)
        if (known?.mode === 'none' && cause !== undefined && cause <= known.position) {
          const message = 'The user left the thread after this event.'
          throw new MatrixError('IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION', message, {}, 409)
        }
        await write(user, room, root, cause === undefined ? 'manual' : 'automatic')
      }),
    leaveThread: (user, { room, root }) =>
      turns.run(user, async () => {
        const known = await findThread(store.reader, user, room, root)
        if (known?.mode === 'none') return
        if (known === undefined) await requireSpace(context, user)
        await write(user, room, root, 'none')
      }),
  }
}

async function requireSpace({ store }: UserContext, user: number): Promise<void> {
  if ((await countThreads(store.reader, user)) < userLimits.threadsPerUserMax) return
  throw new MatrixError('M_TOO_LARGE', `One can follow or leave at most ${userLimits.threadsPerUserMax} threads.`)
}
