/** Properties of state resolution on random rooms: no order has an effect, resolving again changes nothing. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Branch, createRoomBuilder } from '../../tests/kit/room-builder.ts'
import type { EventId } from '../ids.ts'
import { requireRoomRules, roomVersions } from '../room-version/versions.ts'
import { resolveState } from './resolve.ts'
import type { StateMap } from './state-map.ts'

const users = ['@a:a.test', '@b:b.test', '@c:c.test', '@d:a.test']

/** One step of a branch: who does what to whom, when. */
type Step = {
  readonly branch: number
  readonly actor: number
  readonly target: number
  readonly kind: number
  readonly time: number
}

const step: fc.Arbitrary<Step> = fc.record({
  branch: fc.nat({ max: 2 }),
  actor: fc.nat({ max: 3 }),
  target: fc.nat({ max: 3 }),
  kind: fc.nat({ max: 6 }),
  time: fc.nat({ max: 5 }),
})
const scenario = fc.record({
  version: fc.constantFrom(...roomVersions.keys()),
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
})

test('the order of the states, their keys and the events has no effect', () => {
  const holds = ({ version, steps }: { version: string; steps: Step[] }) => {
    const { forks, get } = buildForks(version, steps)
    const expected = resolve(version, forks, get)
    const turned = forks.map((fork) => new Map([...fork].reverse()))
    for (const order of [turned, turned.toReversed(), [...forks.slice(1), forks[0]!]]) {
      assert.deepEqual(resolve(version, order, get), expected)
    }
  }
  fc.assert(fc.property(scenario, holds), { numRuns: 300 })
})

test('a state named twice counts once', () => {
  const holds = ({ version, steps }: { version: string; steps: Step[] }) => {
    const { forks, get } = buildForks(version, steps)
    assert.deepEqual(resolve(version, [...forks, forks[0]!], get), resolve(version, forks, get))
  }
  fc.assert(fc.property(scenario, holds), { numRuns: 100 })
})

test('a resolved state resolves to itself, alone and with itself', () => {
  const holds = ({ version, steps }: { version: string; steps: Step[] }) => {
    const { forks, get } = buildForks(version, steps)
    const rules = requireRoomRules(version)
    const first = resolveState(rules, forks, { get })
    assert.ok('state' in first)
    assert.deepEqual(resolve(version, [first.state], get), [...first.state].sort())
    assert.deepEqual(resolve(version, [first.state, first.state], get), [...first.state].sort())
  }
  fc.assert(fc.property(scenario, holds), { numRuns: 100 })
})

test('names what it lacks until it has all, and then resolves as if it had had it from the start', () => {
  const holds = ({ version, steps }: { version: string; steps: Step[] }) => {
    const { forks, get } = buildForks(version, steps)
    const known = new Set<EventId>()
    const rules = requireRoomRules(version)
    for (;;) {
      const resolution = resolveState(rules, forks, { get: (id) => (known.has(id) ? get(id) : undefined) })
      if ('state' in resolution) {
        assert.deepEqual([...resolution.state].sort(), resolve(version, forks, get))
        return
      }
      assert.ok(resolution.missing.length > 0 && resolution.missing.every((id) => !known.has(id)))
      for (const id of resolution.missing) known.add(id)
    }
  }
  fc.assert(fc.property(scenario, holds), { numRuns: 100 })
})

type Get = ReturnType<typeof createRoomBuilder>['get']

function resolve(version: string, forks: readonly StateMap[], get: Get): (readonly [string, EventId])[] {
  const resolution = resolveState(requireRoomRules(version), forks, { get })
  assert.ok('state' in resolution)
  return [...resolution.state].sort()
}

function buildForks(version: string, steps: readonly Step[]): { forks: StateMap[]; get: Get } {
  const rules = requireRoomRules(version)
  const room = createRoomBuilder(rules)
  const { main } = room
  const creator = users[0]!
  main.add({ id: 'create', type: 'm.room.create', stateKey: '', sender: creator, content: { creator } })
  main.add({ id: 'join', type: 'm.room.member', stateKey: creator, sender: creator, content: { membership: 'join' } })
  main.add({ id: 'rules', type: 'm.room.join_rules', stateKey: '', sender: creator, content: { join_rule: 'public' } })
  const branches = [main.fork(), main.fork(), main.fork()]
  for (const [nth, one] of steps.entries()) addStep(branches[one.branch]!, `${nth}`, one, rules.privilegedCreators)
  return { forks: branches.map((branch) => branch.state()), get: room.get }
}

function addStep(branch: Branch, id: string, { actor, target, kind, time }: Step, isCreatorPrivileged: boolean): void {
  const sender = users[actor]!
  const other = users[target]!
  const member = (membership: string, stateKey: string) =>
    branch.add({ id, type: 'm.room.member', stateKey, sender, time, content: { membership } })
  if (kind < 2) member('join', sender)
  else if (kind === 2) member('ban', other)
  else if (kind === 3) member('leave', other)
  else if (kind === 4) branch.add({ id, type: 'm.room.topic', stateKey: '', sender, time, content: { topic: id } })
  else if (kind === 5) {
    const content = { join_rule: target % 2 === 0 ? 'public' : 'invite' }
    branch.add({ id, type: 'm.room.join_rules', stateKey: '', sender, time, content })
  } else {
    const levels = isCreatorPrivileged ? {} : { [users[0]!]: 100 }
    const content = { users: target === 0 ? levels : { ...levels, [other]: 50 } }
    branch.add({ id, type: 'm.room.power_levels', stateKey: '', sender, time, content })
  }
}
