/** Sealed feeds: bytes of a million rows and of a day of changes; rows a second. `node …/bench/feed.ts` */

import {
  appendBatch,
  buildShards,
  createChain,
  createFeedKey,
  deriveRowKeys,
  encodeBase64,
  followBatch,
  hashFast,
  openRow,
  parseBatch,
  parseEntity,
  parseRow,
  ROW_BYTES,
  sealRow,
} from '../src/index.ts'

const nowMs = 1_795_000_000_000
const key = createFeedKey(new Uint8Array(32).fill(7))
const changed = 5_000
const rate = (count: number, sinceMs: number): number => Math.round((count * 1_000) / (performance.now() - sinceMs))

async function compressedBytes(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  return (await new Response(stream).arrayBuffer()).byteLength
}

const keys = Array.from({ length: changed }, (_, n) => {
  return deriveRowKeys(hashFast(parseEntity('user', `@user${n}:example.org`)), key.publicKey, 1)
})
let start = performance.now()
const rows = keys.map((own, number) =>
  sealRow(own, number, { opinion: -80, confidence: 70, context: 0, hops: 0, issued: 1_795_000_000, origins: [] }),
)
const sealedPerSecond = rate(changed, start)
start = performance.now()
for (const [at, row] of rows.entries()) openRow(keys[at]!, parseRow(row))
const openedPerSecond = rate(changed, start)

let state = createChain('bench', key.publicKey)
let follower = state
let delta = 0
start = performance.now()
for (let from = 0; from < changed; from += 1_000) {
  const entries = rows.slice(from, from + 1_000).map((row) => ({ op: 'row' as const, row: encodeBase64(row) }))
  const next = appendBatch(state, key, entries, nowMs)
  const text = JSON.stringify(next.batch)
  delta += await compressedBytes(text)
  follower = followBatch(follower, parseBatch(text), nowMs)
  state = next.state
}
const followedPerSecond = rate(changed, start)
const shards = buildShards(rows, { feed: 'bench', epoch: 1, seq: 1 }).length
const megabytesOfMillion = (ROW_BYTES * 1_000_000) / 1e6
const figures = {
  megabytesOfMillion,
  deltaKilobytes: delta / 1e3,
  sealedPerSecond,
  openedPerSecond,
  followedPerSecond,
  shards,
}
console.log(JSON.stringify({ bench: 'reputation-feed', ...figures }))
