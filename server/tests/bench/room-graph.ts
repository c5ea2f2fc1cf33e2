/** How long the rules take for a message of a member, and resolution for large conflicts. Prints JSON lines. */

import { allow, requireRoomRules, resolveState, stateKeyOf } from '@parallax/protocol'
import { buildDeepConflict, buildLargeConflict } from '../../../packages/protocol/tests/kit/large-room.ts'
import { createRoomBuilder } from '../../../packages/protocol/tests/kit/room-builder.ts'

const rounds = 21

function median(run: () => void): { medianMs: number; worstMs: number } {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now()
    run()
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  return { medianMs: times[rounds >> 1]!, worstMs: times.at(-1)! }
}

function measureAllow(version: string): void {
  const rules = requireRoomRules(version)
  const { main, get } = createRoomBuilder(rules)
  const sender = '@sender:example.org'
  const users = Object.fromEntries(Array.from({ length: 1000 }, (_, nth) => [`@user${nth}:example.org`, nth % 100]))
  const join = { membership: 'join' }
  const create = main.add({
    id: 'c',
    type: 'm.room.create',
    stateKey: '',
    sender: '@a:b',
    content: { creator: '@a:b' },
  })
  main.add({ id: 'm', type: 'm.room.member', stateKey: sender, sender, content: join })
  main.add({ id: 'p', type: 'm.room.power_levels', stateKey: '', sender: '@a:b', content: { users } })
  const message = main.add({ id: 'x', type: 'm.room.message', sender, content: { body: 'x' } })
  const state = main.state()
  const auth = {
    get: (type: string, stateKey: string) => {
      const id = state.get(stateKeyOf(type, stateKey))
      return id === undefined ? undefined : get(id)
    },
  }
  const count = 10_000
  const { medianMs } = median(() => {
    for (let nth = 0; nth < count; nth += 1) allow(rules, message, auth, { create, authorisingServerSigned: true })
  })
  console.log(JSON.stringify({ bench: 'allow-message', version, medianNs: Math.round((medianMs * 1e6) / count) }))
}

for (const version of ['1', '11', '12']) {
  measureAllow(version)
  for (const [shape, build] of [
    ['wide', buildLargeConflict],
    ['deep', buildDeepConflict],
  ] as const) {
    const rules = requireRoomRules(version)
    const { room, forks } = build(rules, shape === 'wide' ? 10_000 : 5_000)
    const times = median(() => resolveState(rules, forks, room))
    console.log(JSON.stringify({ bench: 'resolve-conflict', version, shape, events: 10_000, ...times }))
  }
}
