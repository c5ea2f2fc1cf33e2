/** Checks the rules of the house that no ready-made tool knows: docs/architecture.md says what they are for. */

import { layers } from '../server/src/layers.ts'
import { checkCycles } from './tidy/cycles.ts'
import { checkDoors } from './tidy/doors.ts'
import { checkEndpoints } from './tidy/endpoints.ts'
import { checkHeaders } from './tidy/headers.ts'
import { checkLayers, checkPackages } from './tidy/layers.ts'
import { checkNames } from './tidy/names.ts'
import { checkSizes } from './tidy/sizes.ts'
import { checkTables } from './tidy/tables.ts'
import { type Finding, readTree, type Tree } from './tidy/tree.ts'
import { checkWiring } from './tidy/wiring.ts'

function checkTree(tree: Tree): Finding[] {
  const folders = layers.flatMap((layer) => (typeof layer === 'string' ? [layer] : layer.siblings))
  return [
    ...checkLayers(tree, layers),
    ...checkPackages(tree),
    ...checkCycles(tree),
    ...checkSizes(tree),
    ...checkTables(tree, folders),
    ...checkNames(tree),
    ...checkWiring(tree),
    ...checkDoors(tree),
    ...checkEndpoints(tree),
    ...checkHeaders(tree),
  ]
}

const tree = readTree()
const imports = [...tree.values()].reduce((count, file) => count + file.scan.imports.length, 0)
// A scanner that sees nothing finds nothing wrong: that is not the same as being tidy.
if (imports === 0) throw new Error('tidy saw no imports: the scanner is broken')
const findings = checkTree(tree)
for (const { check, path, line, message } of findings) console.log(`${path}:${line}: ${check}: ${message}`)
console.log(`tidy: ${tree.size} files, ${imports} imports, ${findings.length} findings`)
process.exitCode = findings.length > 0 ? 1 : 0
