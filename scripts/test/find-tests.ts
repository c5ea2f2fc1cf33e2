/** Which test files there are, and which of them must run on every engine of the store. */

import { readTree, resolveImport, type Tree } from '../tidy/tree.ts'

export type TestFiles = {
  /** Beside the code: pure and table tests. */
  readonly unit: readonly string[]
  /** Whole servers, crashes included. */
  readonly scenarios: readonly string[]
  /** Those that open a store of the engine that PARALLAX_TEST_ENGINE names. */
  readonly onEngine: readonly string[]
  /** Real clients, Synapse as a peer and the packed package: not part of `npm test`. */
  readonly clients: readonly string[]
  readonly synapse: readonly string[]
  readonly package: readonly string[]
}

const apart = {
  clients: 'server/tests/clients/',
  synapse: 'server/tests/synapse/',
  package: 'server/tests/package/',
}
// Files of the kit that ask for the engine, and the one that runs a file's tests on every engine by itself.
const asksForEngine = ['server/tests/kit/store.ts', 'server/tests/kit/server-process.ts']
const runsOnAll = 'server/tests/kit/engines.ts'

/** The test files of the repository, by kind. */
export function findTests(): TestFiles {
  const tree = readTree()
  const all = [...tree.keys()].filter((path) => path.endsWith('.test.ts')).sort()
  const isApart = (path: string) => Object.values(apart).some((folder) => path.startsWith(folder))
  const inside = all.filter((path) => !isApart(path))
  return {
    unit: inside.filter((path) => !path.startsWith('server/tests/')),
    scenarios: inside.filter((path) => path.startsWith('server/tests/')),
    onEngine: inside.filter((path) => {
      const reached = reachableFrom(tree, path)
      return asksForEngine.some((file) => reached.has(file)) && !reached.has(runsOnAll)
    }),
    clients: all.filter((path) => path.startsWith(apart.clients)),
    synapse: all.filter((path) => path.startsWith(apart.synapse)),
    package: all.filter((path) => path.startsWith(apart.package)),
  }
}

function reachableFrom(tree: Tree, start: string): Set<string> {
  const reached = new Set([start])
  for (const path of reached) {
    for (const { specifier } of tree.get(path)?.scan.imports ?? []) {
      const target = resolveImport(path, specifier)
      if (target !== undefined && tree.has(target)) reached.add(target)
    }
  }
  return reached
}
