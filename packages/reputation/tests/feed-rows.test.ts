/** Sealed rows and shards: who knows the entity reads them, everyone else sees bytes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  buildShards,
  createFeedKey,
  deriveRowKeys,
  epochSalt,
  findRows,
  hashFast,
  hashOrigin,
  hashSlow,
  listRows,
  openRow,
  parseEntity,
  parseRow,
  ReputationError,
  type ReputationErrorKind,
  ROW_BYTES,
  type RowPayload,
  readShard,
  rowOriginsMax,
  sealRow,
  writeShard,
} from '../src/index.ts'

const key = createFeedKey(new Uint8Array(32).fill(7))
const entity = parseEntity('user', '@spammer:example.org')
const keysOf = (id: string, epoch = 1, feed = key.publicKey) => {
  return deriveRowKeys(hashFast(parseEntity('user', id)), feed, epoch)
}

function refuses(kind: ReputationErrorKind, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof ReputationError && error.kind === kind, `not ${kind}`)
}

const payloads: fc.Arbitrary<RowPayload> = fc
  .record({
    opinion: fc.integer({ min: -100, max: 100 }),
    confidence: fc.integer({ min: 1, max: 99 }),
    context: fc.integer({ min: 0, max: 199 }),
    reason: fc.option(fc.integer({ min: 0, max: 199 }), { nil: undefined }),
    hops: fc.integer({ min: 0, max: 3 }),
    issued: fc.nat(),
    life: fc.option(fc.integer({ min: 1, max: 2 ** 31 }), { nil: undefined }),
    origins: fc.array(
      fc.nat().map((origin) => origin.toString(16).padStart(8, '0')),
      { maxLength: rowOriginsMax },
    ),
  })
  .map(({ reason, life, ...rest }) => ({
    ...rest,
    ...(reason !== undefined && { reason }),
    ...(life !== undefined && { expires: rest.issued + life }),
  }))

test('who knows the entity reads what was sealed; all rows have one length', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), (payload, number) => {
      const keys = keysOf('@spammer:example.org')
      const bytes = sealRow(keys, number, payload)
      assert.equal(bytes.length, ROW_BYTES)
      assert.deepEqual(openRow(keys, parseRow(bytes)), payload)
    }),
  )
})

test('another entity, feed, epoch or number opens nothing, nor does a changed byte', () => {
  const keys = keysOf('@spammer:example.org')
  const payload: RowPayload = { opinion: -80, confidence: 70, context: 0, hops: 0, issued: 1_795_000_000, origins: [] }
  const bytes = sealRow(keys, 9, payload)
  const another = createFeedKey(new Uint8Array(32).fill(8)).publicKey
  for (const wrong of [
    keysOf('@other:example.org'),
    keysOf('@spammer:example.org', 2),
    keysOf('@spammer:example.org', 1, another),
  ]) {
    assert.equal(openRow(wrong, parseRow(bytes)), undefined)
    assert.notDeepEqual(wrong.index, keys.index)
  }
  for (let at = 16; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at]! ^= 1
    assert.equal(openRow(keys, parseRow(changed)), undefined, `byte ${at}`)
  }
})

test('lists that differ in contexts only cannot be told apart without the entities', () => {
  const keys = keysOf('@spammer:example.org')
  const bits = new Float64Array(2)
  const rounds = 400
  for (let number = 0; number < rounds; number++) {
    for (const context of [0, 1]) {
      const payload: RowPayload = { opinion: -100, confidence: 80, context, hops: 0, issued: 1, origins: [] }
      const { box } = parseRow(sealRow(keys, number * 2 + context, payload))
      for (const byte of box) bits[context]! += byte.toString(2).replaceAll('0', '').length
    }
  }
  const mean = rounds * 56 * 4
  for (const count of bits)
    assert.ok(Math.abs(count - mean) < 5 * Math.sqrt((rounds * 56 * 8) / 4), `${count} of ${mean}`)
})

test('what does not fit into a row is refused', () => {
  const keys = keysOf('@spammer:example.org')
  const payload: RowPayload = { opinion: -80, confidence: 70, context: 0, hops: 0, issued: 1, origins: [] }
  const wrong: Partial<RowPayload>[] = [
    { opinion: -101 },
    { confidence: 0 },
    { context: 200 },
    { hops: 4 },
    { issued: 2 ** 32 },
  ]
  for (const change of wrong) refuses('bad-statement', () => sealRow(keys, 1, { ...payload, ...change }))
  refuses('bad-statement', () => sealRow(keys, 1, { ...payload, origins: Array(rowOriginsMax + 1).fill('00000000') }))
  refuses('bad-statement', () => sealRow(keys, 2 ** 32, payload))
  refuses('bad-feed', () => parseRow(new Uint8Array(ROW_BYTES - 1)))
})

test('origins are named for those who know them, otherwise for each entity', () => {
  const other = parseEntity('user', '@other:example.org')
  assert.match(hashOrigin(entity, 'ann'), /^[0-9a-f]{8}$/)
  assert.notEqual(hashOrigin(entity, 'ann'), hashOrigin(entity, 'bob'))
  assert.notEqual(hashOrigin(entity, 'ann'), hashOrigin(other, 'ann'))
})

test('the slow hash is another for each epoch, and slow', () => {
  const salt = epochSalt(7, 'beacon')
  const start = performance.now()
  const hashed = hashSlow(entity, salt)
  assert.ok(performance.now() - start > 5)
  assert.deepEqual(hashSlow(entity, salt), hashed)
  assert.notDeepEqual(hashSlow(entity, epochSalt(8, 'beacon')), hashed)
})

function rowsAbout(count: number): Uint8Array[] {
  const payload: RowPayload = { opinion: -80, confidence: 70, context: 0, hops: 0, issued: 1, origins: [] }
  return Array.from({ length: count }, (_, number) => sealRow(keysOf(`@u${number}:example.org`), number, payload))
}

test('shards hold all rows, each found by its index, and fit into events', () => {
  const rows = rowsAbout(3_000)
  const shards = buildShards(rows, { feed: 'f', epoch: 1, seq: 1 })
  assert.equal(
    shards.reduce((sum, shard) => sum + listRows(shard).length, 0),
    rows.length,
  )
  const read = shards.map((shard) => {
    const { state_key, content } = writeShard(key, shard)
    assert.ok(JSON.stringify(content).length < 60_000)
    return readShard(key.publicKey, state_key, JSON.parse(JSON.stringify(content)))
  })
  assert.deepEqual(read, shards)
  for (const number of [0, 1_500, 2_999]) {
    const { index } = keysOf(`@u${number}:example.org`)
    const found = read.flatMap((shard) => findRows(shard, index))
    assert.deepEqual(found, [rows[number]])
  }
  assert.deepEqual(
    read.flatMap((shard) => findRows(shard, keysOf('@nobody:example.org').index)),
    [],
  )
})

test('a change rewrites one shard', () => {
  const rows = rowsAbout(3_000)
  const events = (list: Uint8Array[]) => {
    return new Map(
      buildShards(list, { feed: 'f', epoch: 1, seq: 1 }).map((shard) => {
        const { state_key, content } = writeShard(key, shard)
        return [state_key, content.rows] as const
      }),
    )
  }
  const [before, after] = [events(rows), events(rows.slice(1))]
  assert.equal([...after].filter(([stateKey, text]) => before.get(stateKey) !== text).length, 1)
})

test('a shard at its limit is one, and one row more are sixteen; a false one is refused', () => {
  const about = { feed: 'f', epoch: 1, seq: 1 }
  assert.equal(buildShards(rowsAbout(500), about).length, 1)
  assert.equal(buildShards(rowsAbout(501), about).length, 16)
  assert.equal(buildShards([], about).length, 1)
  const { state_key, content } = writeShard(key, buildShards(rowsAbout(3), about)[0]!)
  refuses('bad-signature', () => readShard(key.publicKey, '2/', content))
  refuses('bad-signature', () => readShard(key.publicKey, state_key, { ...content, seq: 2 }))
  refuses('bad-feed', () => readShard(key.publicKey, 'x', content))
  refuses('bad-feed', () => readShard(key.publicKey, state_key, { ...content, rows: 'AAAA' }))
  const unsorted = writeShard(key, { ...about, prefix: '', rows: new Uint8Array(ROW_BYTES * 2) })
  refuses('bad-feed', () => readShard(key.publicKey, unsorted.state_key, unsorted.content))
  const misplaced = writeShard(key, { ...about, prefix: 'f', rows: new Uint8Array(ROW_BYTES) })
  refuses('bad-feed', () => readShard(key.publicKey, misplaced.state_key, misplaced.content))
})
