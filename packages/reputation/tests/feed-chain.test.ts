/** Feeds as chains: what may follow, what shows that a feed is false, and that forgetting leaves the chain whole. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  appendBatch,
  applyEntries,
  type Batch,
  type ChainState,
  checkSuccessor,
  compareHeads,
  createChain,
  createFeedKey,
  encodeBase64,
  entryId,
  eraseEntries,
  type FeedEntry,
  followBatch,
  hashBatch,
  hashEntry,
  isDeclared,
  type Manifest,
  type PlainEntry,
  parseBatch,
  parseManifest,
  proveConsistency,
  ReputationError,
  type ReputationErrorKind,
  type RowEntry,
  readManifest,
  readSnapshot,
  signManifest,
  signSnapshot,
  statementOf,
} from '../src/index.ts'

const nowMs = 1_795_000_000_000
const key = createFeedKey(new Uint8Array(32).fill(7))
const other = createFeedKey(new Uint8Array(32).fill(8))

function about(entity: string, opinion = -100): FeedEntry {
  return { op: 'statement', kind: 'user', entity, opinion, confidence: 80, context: 'm.spam', issued: nowMs }
}

function publish(batches: readonly (readonly FeedEntry[])[]): { states: ChainState[]; batches: Batch[] } {
  const states = [createChain('spam-watch', key.publicKey)]
  const signed: Batch[] = []
  for (const [at, entries] of batches.entries()) {
    const next = appendBatch(states.at(-1)!, key, entries, nowMs + at)
    states.push(next.state)
    signed.push(next.batch)
  }
  return { states, batches: signed }
}

function refuses(kind: ReputationErrorKind, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof ReputationError && error.kind === kind, `not ${kind}`)
}

const entries = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('@a:b.example', '@c:d.example', '@e:f.example'), fc.integer({ min: -100, max: 100 }))
      .map(([entity, opinion]) => about(entity, opinion)),
    fc.constantFrom('@a:b.example', '@c:d.example').map((entity): FeedEntry => {
      return { op: 'retract', id: entryId(about(entity))! }
    }),
  ),
  { maxLength: 4 },
)

test('a follower arrives where the publisher is, over JSON', () => {
  fc.assert(
    fc.property(fc.array(entries, { minLength: 1, maxLength: 12 }), (said) => {
      const { states, batches } = publish(said)
      let state = createChain('spam-watch', key.publicKey)
      for (const batch of batches) state = followBatch(state, parseBatch(JSON.stringify(batch)), nowMs)
      assert.deepEqual(state, states.at(-1))
    }),
    { numRuns: 50 },
  )
})

test('every older head lies in every newer one, and no other does', () => {
  const { states, batches } = publish(Array.from({ length: 20 }, (_, n) => [about(`@u${n}:b.example`)]))
  const leaves = batches.map(hashBatch)
  const heads = states.slice(1).map(({ head }) => head!)
  for (let newer = 1; newer <= 20; newer++) {
    for (let older = 1; older <= newer; older++) {
      const proof = proveConsistency(leaves.slice(0, newer), older).map(encodeBase64)
      compareHeads(key.publicKey, heads[older - 1]!, heads[newer - 1]!, proof)
      if (older < newer)
        refuses('bad-proof', () => compareHeads(key.publicKey, heads[older - 1]!, heads[newer - 1]!, []))
    }
  }
})

test('a feed that tells two people different things is found out', () => {
  const one = publish([[about('@a:b.example')], [about('@c:d.example')]])
  const two = publish([[about('@a:b.example')], [about('@x:y.example')], []])
  const [first, second] = [one.states[2]!.head!, two.states[2]!.head!]
  refuses('forked', () => compareHeads(key.publicKey, first, second, []))
  refuses('bad-proof', () => {
    const leaves = two.batches.map(hashBatch)
    compareHeads(key.publicKey, first, two.states[3]!.head!, proveConsistency(leaves, 2).map(encodeBase64))
  })
  refuses('forked', () => followBatch(one.states[2]!, two.batches[1]!, nowMs))
  refuses('forked', () => followBatch(one.states[2]!, two.batches[2]!, nowMs))
})

test('refuses what is reordered, old, re-signed, changed, of another feed or from the future', () => {
  const { states, batches } = publish([[about('@a:b.example')], [], []])
  const [first, second, third] = batches as [Batch, Batch, Batch]
  refuses('broken-chain', () => followBatch(states[1]!, third, nowMs))
  refuses('rolled-back', () => followBatch(states[3]!, second, nowMs))
  refuses('rolled-back', () => followBatch(states[1]!, first, nowMs))
  refuses('bad-signature', () => followBatch({ ...states[0]!, publicKey: other.publicKey }, first, nowMs))
  refuses('bad-signature', () => followBatch(states[0]!, { ...first, issued: 1 }, nowMs))
  refuses('broken-chain', () => followBatch(states[0]!, { ...first, entries: [] }, nowMs))
  refuses('broken-chain', () => followBatch({ ...states[0]!, feed: 'another' }, first, nowMs))
  refuses('from-the-future', () => followBatch(states[0]!, first, nowMs - 3_600_000))
  refuses('key-changed', () => appendBatch(states[0]!, other, [], nowMs))
})

test('a batch takes as many entries as it may and no more', () => {
  const many = Array.from({ length: 1_001 }, (_, n) => about(`@u${n}:b.example`))
  const { batches } = publish([many.slice(0, 1_000)])
  assert.equal(parseBatch(JSON.stringify(batches[0])).entries.length, 1_000)
  refuses('too-many', () => publish([many]))
  refuses('too-many', () => parseBatch(JSON.stringify({ ...batches[0], entries: many })))
  refuses('too-large', () => parseBatch(' '.repeat(1_000_001)))
})

test('a statement that must be forgotten leaves its place, and the chain as it was', () => {
  const { states, batches } = publish([[about('@a:b.example'), about('@c:d.example')], []])
  const gone = entryId(about('@a:b.example'))!
  const erased = eraseEntries(batches[0]!, new Set([gone]))
  assert.ok(!JSON.stringify(erased).includes('@a:b.example'))
  const state = followBatch(createChain('spam-watch', key.publicKey), parseBatch(JSON.stringify(erased)), nowMs)
  assert.deepEqual(followBatch(state, batches[1]!, nowMs), states[2])
})

test('what holds is what was said last and not taken back', () => {
  const held = new Map<string, PlainEntry | RowEntry>()
  const id = entryId(about('@a:b.example'))!
  applyEntries(held, [about('@a:b.example', -60), about('@c:d.example'), about('@a:b.example', -100)])
  assert.deepEqual(
    [...held.values()].map((entry) => statementOf(entry)!.value),
    [-1, -1],
  )
  applyEntries(held, [{ op: 'tombstone', id }])
  assert.deepEqual(
    [...held.values()].map((entry) => statementOf(entry)!.entity),
    ['user\0@c:d.example'],
  )
})

test('no JSON from outside does anything but be read or refused', () => {
  const { batches } = publish([[about('@a:b.example')]])
  const fields = fc.constantFrom('feed', 'seq', 'issued', 'prev', 'entries', 'hash', 'root', 'signature')
  const entry = fc.dictionary(
    fc.constantFrom('op', 'kind', 'entity', 'pattern', 'opinion', 'row', 'id'),
    fc.jsonValue(),
  )
  const attack = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(entry, fc.constant(about('@a:b.example')))))
  fc.assert(
    fc.property(fields, attack, (field, value) => {
      try {
        followBatch(
          createChain('spam-watch', key.publicKey),
          parseBatch(JSON.stringify({ ...batches[0], [field]: value })),
          nowMs,
        )
      } catch (error) {
        assert.ok(error instanceof ReputationError, String(error))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('who begins with a snapshot goes on with the next batch; a changed one is refused', () => {
  const { states, batches } = publish([[about('@a:b.example'), about('@c:d.example')], [], [about('@e:f.example')]])
  const entries = batches[0]!.entries
  const frame = signSnapshot(key, states[2]!, entries.map(hashEntry))
  const read = (change: object) => readSnapshot(key.publicKey, JSON.stringify({ ...frame, entries, ...change }), nowMs)
  const { state, held } = read({})
  assert.deepEqual([...held.values()], entries)
  assert.deepEqual(followBatch(state, batches[2]!, nowMs), states[3])
  refuses('bad-signature', () => read({ entries: entries.slice(1) }))
  refuses('bad-signature', () => read({ entries: entries.toReversed() }))
  refuses('bad-signature', () => read({ head: { ...frame.head, seq: 3 } }))
  refuses('broken-chain', () => read({ peaks: [] }))
  refuses('bad-feed', () => read({ entries: 'none' }))
  refuses('from-the-future', () => {
    readSnapshot(key.publicKey, JSON.stringify({ ...frame, entries }), nowMs - 3_600_000)
  })
  refuses('bad-feed', () => signSnapshot(key, states[0]!, []))
})

const manifest: Manifest = {
  feed: 'spam-watch',
  name: 'Spam watch',
  key: key.publicKey,
  revision: 1,
  class: 'human',
  contexts: [{ context: 'm.spam', meaning: 'Unasked advertising', action: 'hide' }],
  reasons: ['observed.first_hand'],
  tier: 'T1',
  epoch: 3,
  languages: ['en'],
  derived_from: [],
}

test('a manifest is taken with the signature of its key only', () => {
  const signed = signManifest(key, manifest)
  assert.deepEqual(readManifest(JSON.parse(JSON.stringify(signed))), manifest)
  assert.ok(isDeclared(manifest))
  assert.ok(!isDeclared({ ...manifest, contexts: [] }))
  refuses('bad-signature', () => readManifest({ ...signed, name: 'Another' }))
  refuses('bad-signature', () => readManifest({ ...signed, key: other.publicKey }))
  refuses('bad-feed', () => parseManifest({ ...manifest, tier: 'T2' }))
  refuses('bad-feed', () => parseManifest({ ...manifest, tier: 'T3' }))
  refuses('bad-feed', () => parseManifest({ ...manifest, tier: 'T3', oprf: 'short' }))
  assert.equal(parseManifest({ ...manifest, tier: 'T3', oprf: other.publicKey }).oprf, other.publicKey)
  refuses('bad-context', () => {
    parseManifest({ ...manifest, contexts: [{ context: 'm.child_safety.csam', meaning: 'x' }] })
  })
})

test('a manifest follows another only with its key, newer, and with the numbers that rows use', () => {
  const more = { ...manifest, revision: 2, contexts: [...manifest.contexts, { context: 'm.tos', meaning: 'Rules' }] }
  checkSuccessor(manifest, manifest)
  checkSuccessor(manifest, more)
  refuses('key-changed', () => checkSuccessor(manifest, { ...more, key: other.publicKey }))
  refuses('rolled-back', () => checkSuccessor(more, manifest))
  refuses('forked', () => checkSuccessor(manifest, { ...more, revision: 1 }))
  refuses('bad-feed', () => checkSuccessor(manifest, { ...more, contexts: more.contexts.toReversed() }))
  checkSuccessor(manifest, { ...more, epoch: 4, contexts: more.contexts.toReversed() })
  const asked = { ...manifest, oprf: key.publicKey }
  refuses('bad-feed', () => checkSuccessor(asked, { ...more, oprf: other.publicKey }))
  checkSuccessor(asked, { ...more, oprf: other.publicKey, epoch: 4 })
})
