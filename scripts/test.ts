/**
 * `node scripts/test.ts [unit] [scenarios] [postgres] [clients] [synapse] [package] [part of a path…] [--verbose]`:
 * runs tests. Without a name: unit tests and scenarios on SQLite, then on Postgres whatever opens a store.
 */

import { shareCluster } from '../server/tests/kit/postgres.ts'
import { findTests, type TestFiles } from './test/find-tests.ts'
import { type Result, runFiles } from './test/run-files.ts'

type Stage = (files: TestFiles) => Promise<Result>

const stages: Readonly<Record<string, Stage>> = {
  unit: ({ unit }) => runFiles('unit', unit),
  scenarios: ({ scenarios }) => runFiles('scenarios on SQLite', scenarios),
  postgres: ({ onEngine }) => runFiles('on Postgres', onEngine, { PARALLAX_TEST_ENGINE: 'postgres' }),
  clients: ({ clients }) => runFiles('clients', clients),
  synapse: ({ synapse }) => runFiles('with Synapse', synapse),
  package: ({ package: files }) => runFiles('package', files),
}
const usual = ['unit', 'scenarios', 'postgres']

/** Stages by name, or without one the usual ones, a part of a path being given only those on SQLite. */
function chosenStages(names: readonly string[]): Stage[] {
  const known = names.filter((name) => name in stages)
  const parts = names.filter((name) => !(name in stages))
  if (parts.length === 0) return (known.length > 0 ? known : usual).map((name) => stages[name] as Stage)
  const isChosen = (path: string) => parts.some((part) => path.includes(part))
  if (known.length === 0) {
    return [({ unit, scenarios }) => runFiles('chosen', [...unit, ...scenarios].filter(isChosen))]
  }
  return known.map((name) => (files) => {
    const chosen = Object.entries(files).map(([kind, paths]) => [kind, paths.filter(isChosen)])
    return (stages[name] as Stage)(Object.fromEntries(chosen))
  })
}

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const files = findTests()
// One cluster for the whole run: starting one takes longer than most test files.
const cluster = await shareCluster()
let passed = 0
let failed = 0
try {
  for (const stage of chosenStages(names)) {
    const result = await stage(files)
    passed += result.passed
    failed += result.failed
  }
} finally {
  await cluster.stop()
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
