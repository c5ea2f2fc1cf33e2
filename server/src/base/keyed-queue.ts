/** One turn per key: tasks of one key run one after another, tasks of different keys side by side. */

export interface KeyedQueue<Key> {
  /** Runs `task` when all earlier tasks of `key` have ended; answers its result. */
  run<T>(key: Key, task: () => Promise<T>): Promise<T>
  /** How many keys have a task running or waiting. */
  readonly size: number
}

/** A queue per key, kept only while it is in use. */
export function createKeyedQueue<Key>(): KeyedQueue<Key> {
  const tails = new Map<Key, Promise<unknown>>()
  return {
    get size() {
      return tails.size
    },
    run<T>(key: Key, task: () => Promise<T>): Promise<T> {
      const before = tails.get(key)
      const turn = before === undefined ? task() : before.then(task, task)
      const tail = turn.catch(() => undefined)
      tails.set(key, tail)
      tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      return turn
    },
  }
}
