/** State resolution against the vectors in `vectors/state`. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  type EventId,
  type RoomEvent,
  type RoomRules,
  requireRoomRules,
  resolveState,
  type StateMap,
  splitStateKey,
  stateKeyOf,
} from '../src/index.ts'
import { eventOf, readVectorFile, rulesOfRange, type VectorEvent } from './kit/event-vectors.ts'
import { buildDeepConflict, buildLargeConflict } from './kit/large-room.ts'

type Vector = {
  readonly name: string
  readonly versions: string
  readonly events: readonly VectorEvent[]
  readonly forks: readonly (readonly string[])[]
  readonly withheld?: readonly string[]
  readonly lost?: readonly string[]
  readonly rejected?: readonly string[]
  readonly resolved?: readonly string[]
  readonly missing?: readonly string[]
}

for (const file of ['scenarios', 'resets', 'version-1', 'lacking']) {
  for (const vector of readVectorFile<{ vectors: Vector[] }>(`state/${file}.json`).vectors) {
    test(`${file}, ${vector.versions}: ${vector.name}`, () => {
      for (const rules of rulesOfRange(vector.versions)) check(rules, vector)
    })
  }
}

function check(rules: RoomRules, vector: Vector): void {
  const all = new Map<string, RoomEvent>(vector.events.map((event) => [event.event_id!, eventOf(event)]))
  const absent = new Set([...(vector.withheld ?? []), ...(vector.lost ?? [])])
  const forks = vector.forks.map((ids) => mapOf(ids.map((id) => all.get(id)!)))
  const events = {
    get: (id: EventId) => (absent.has(id) ? undefined : all.get(id)),
    isLost: (id: EventId) => vector.lost?.includes(id) ?? false,
    isRejected: (id: EventId) => vector.rejected?.includes(id) ?? false,
  }
  for (const order of [forks, forks.toReversed()]) {
    const resolution = resolveState(rules, order, events)
    if ('missing' in resolution) assert.deepEqual(resolution.missing, vector.missing, rules.version)
    else assert.deepEqual([...resolution.state.values()].sort(), vector.resolved, rules.version)
  }
}

function mapOf(events: readonly RoomEvent[]): StateMap {
  return new Map(events.map((event) => [stateKeyOf(event.type, event.stateKey!), event.eventId]))
}

type LargeVector = { readonly versions: readonly string[]; readonly size: number; readonly sha256: string }

for (const { versions, size, sha256 } of readVectorFile<{ vectors: LargeVector[] }>('state/large-room.json').vectors) {
  test(`a room with ${size} conflicting events, versions ${versions.join(', ')}`, () => {
    for (const version of versions) {
      const { room, forks } = buildLargeConflict(requireRoomRules(version), size)
      const startedMs = performance.now()
      const resolution = resolveState(requireRoomRules(version), forks, room)
      // The aim is 300 ms; a busy machine gets more.
      assert.ok(performance.now() - startedMs < 3000)
      assert.ok('state' in resolution)
      assert.equal(digestOf(resolution.state), sha256, version)
    }
  })
}

test('a chain of 10,000 power levels does not overflow the stack', () => {
  for (const version of ['2', '12']) {
    const { room, forks } = buildDeepConflict(requireRoomRules(version), 10_000)
    assert.ok('state' in resolveState(requireRoomRules(version), forks, room))
  }
})

/** The digest of a state as `vectors/README.md` describes it. */
function digestOf(state: StateMap): string {
  const lines = [...state].map(([key, id]) => [...splitStateKey(key), id].join('\t')).sort()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
