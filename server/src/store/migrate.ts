/** Which migrations a database still needs. The engines run them, each in a transaction of its own. */

import type { Migration } from './migrations/index.ts'
import { StoreError } from './store.ts'

/** Told of each migration as it begins: `number` of `count`. */
export type MigrationStep = { readonly name: string; readonly number: number; readonly count: number }

/** The migrations to run, in order. Refuses a database that was written by a newer version of the program. */
export function listPendingMigrations(known: readonly Migration[], appliedIds: readonly number[]): Migration[] {
  const newest = known.at(-1)?.id ?? 0
  const applied = Math.max(0, ...appliedIds)
  if (applied > newest) {
    throw new StoreError(
      'failed',
      `This database was last used by a newer version of Parallax (its schema is ${applied}, this version knows ` +
        `${newest}). Start the newer version again, or restore a backup made before the upgrade.`,
    )
  }
  return known.filter(({ id }) => !appliedIds.includes(id))
}

/** Calls `tell` with a sentence now and then once the migrations take longer than two seconds; answers how to stop. */
export function tellSlowMigrations(
  current: () => MigrationStep | undefined,
  tell: (sentence: string) => void,
  everyMs: number,
): () => void {
  const start = performance.now()
  const timer = setInterval(() => {
    const step = current()
    if (step === undefined) return
    const seconds = Math.round((performance.now() - start) / 1000)
    tell(`Bringing the store up to date: ${step.name} (${step.number} of ${step.count}), ${seconds} s so far.`)
  }, everyMs)
  return () => clearInterval(timer)
}
