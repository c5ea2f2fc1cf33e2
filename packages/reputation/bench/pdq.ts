/** PDQ: hashing images of 512 by 512, and searching a million hashes. `node packages/reputation/bench/pdq.ts` */

import { createPdqIndex, hashImage } from '../src/index.ts'

const side = 512
const luma = Float32Array.from({ length: side * side }, (_, at) => (Math.imul(at, 0x9e3779b1) >>> 16) % 256)
for (let turn = 0; turn < 5; turn++) hashImage(luma, side, side)
let start = performance.now()
for (let turn = 0; turn < 40; turn++) hashImage(luma, side, side)
const hashedPerSecond = Math.round(40_000 / (performance.now() - start))

let state = 12_345
function randomHash(): string {
  let text = ''
  for (let word = 0; word < 8; word++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += (state ^ (state >>> 15)).toString(16).slice(-8).replace('-', '0').padStart(8, '0')
  }
  return text
}

const hashes = Array.from({ length: 1_000_000 }, randomHash)
start = performance.now()
const index = createPdqIndex(hashes)
const buildMs = Math.round(performance.now() - start)
const micros: number[] = []
for (let turn = 0; turn < 2_000; turn++) {
  const wanted = turn % 2 === 0 ? hashes[turn]! : randomHash()
  start = performance.now()
  index.find(wanted)
  micros.push((performance.now() - start) * 1_000)
}
micros.sort((left, right) => left - right)
const figures = { hashedPerSecond, hashes: index.size, buildMs, p50Micros: micros[1_000]!, p99Micros: micros[1_980]! }
console.log(JSON.stringify({ bench: 'reputation-pdq', ...figures }))
