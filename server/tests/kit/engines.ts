/** Runs a file's tests on every engine of the store. */

import { after, describe } from 'node:test'
import { endTestStores, type TestEngine } from './store.ts'

const engines: readonly TestEngine[] = ['sqlite', 'node:sqlite', 'postgres']

/** Declares the tests of `suite` once for each engine. */
export function describeOnEngines(title: string, suite: (engine: TestEngine) => void): void {
  for (const engine of engines) describe(`${title} on ${engine}`, () => suite(engine))
  after(endTestStores)
}
