/** Evaluating blinded names with a proof, by one and by 32, and reading ranges. `node …/bench/lookup.ts` */

import { createRangeTable, loadOprf, ROW_BYTES } from '../src/index.ts'

const oprf = await loadOprf()
const key = oprf.deriveKey(new Uint8Array(32).fill(7), new Uint8Array(0))
const random = new Uint8Array(64).fill(3)
const blinded = Array.from({ length: 32 }, (_, n) => oprf.blind(Uint8Array.of(n), random))
const elements = blinded.map(({ element }) => element)

function medianRate(perTurn: number, turns: number, run: () => void): number {
  const rates: number[] = []
  for (let round = 0; round < 6; round++) {
    const start = performance.now()
    for (let turn = 0; turn < turns; turn++) run()
    rates.push((turns * perTurn * 1_000) / (performance.now() - start))
  }
  return Math.round(rates.slice(1).sort((left, right) => left - right)[2]!)
}

const evaluation = oprf.evaluate(key, elements, random)
const rows = Array.from({ length: 100_000 }, (_, n) => {
  const row = new Uint8Array(ROW_BYTES)
  new DataView(row.buffer).setUint32(0, Math.imul(n, 0x9e3779b1) >>> 0)
  return row
})
const table = createRangeTable(rows, new Uint8Array(32))
console.log(
  JSON.stringify({
    bench: 'reputation-lookup',
    evaluatedPerSecond: medianRate(1, 200, () => oprf.evaluate(key, elements.slice(0, 1), random)),
    evaluatedBy32PerSecond: medianRate(32, 10, () => oprf.evaluate(key, elements, random)),
    finalizedBy32PerSecond: medianRate(32, 10, () => oprf.finalize(key.publicKey, blinded, evaluation)),
    rangesPerSecond: medianRate(1, 200, () => table.read(17)),
    kilobytesOfRange: (table.rowsInAnswer * ROW_BYTES) / 1e3,
  }),
)
