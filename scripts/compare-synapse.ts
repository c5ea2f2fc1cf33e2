/**
 * A second opinion on the protocol core: random room graphs of all versions go to our code and to Synapse's, and the first
 * difference in event IDs, redacted events, verdicts or resolved states is reported with the seed that repeats it.
 * Usage: npm run compare:synapse -- [--graphs 10000] [--from 1] [--seed N] [--room-version 12]
 */

import { parseArgs } from 'node:util'
import { findDifference } from './compare-synapse/compare.ts'
import { generateGraph, isAccepted, type RoomGraph } from './compare-synapse/room-graph.ts'
import { type Synapse, startSynapse } from './compare-synapse/synapse.ts'

const inFlightMax = 16

const { values } = parseArgs({
  options: {
    graphs: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'room-version': { type: 'string' },
  },
})

type Tally = { graphs: number; events: number; accepted: number; merges: number; differences: number }

async function main(): Promise<void> {
  const synapse = await startSynapse()
  const first = Number(values.seed ?? values.from)
  const last = values.seed === undefined ? first + Number(values.graphs) - 1 : first
  const tally: Tally = { graphs: 0, events: 0, accepted: 0, merges: 0, differences: 0 }
  const startedMs = Date.now()
  const inFlight = new Set<Promise<void>>()
  for (let seed = first; seed <= last && tally.differences === 0; seed += 1) {
    const graph = generateGraph(seed, values['room-version'])
    const turn = compareOne(synapse, graph, tally).finally(() => inFlight.delete(turn))
    inFlight.add(turn)
    if (inFlight.size >= inFlightMax) await Promise.race(inFlight)
    if (seed % 500 === 0) console.log(`${tally.graphs} graphs, ${Math.round((Date.now() - startedMs) / 1000)} s`)
  }
  await Promise.all(inFlight)
  synapse.close()
  const { graphs, events, accepted, merges, differences } = tally
  console.log(
    `Synapse ${synapse.version}: ${differences} differences over ${graphs} graphs (${events} events, ` +
      `${accepted} accepted, ${merges} merges) in ${Math.round((Date.now() - startedMs) / 1000)} s`,
  )
  process.exitCode = differences === 0 ? 0 : 1
}

async function compareOne(synapse: Synapse, graph: RoomGraph, tally: Tally): Promise<void> {
  const difference = findDifference(graph, await synapse.judge(graph, values.seed !== undefined))
  tally.graphs += 1
  tally.events += graph.events.length
  tally.accepted += graph.events.filter(isAccepted).length
  tally.merges += graph.events.filter(({ event }) => event.prevEvents.length > 1).length
  if (difference === undefined) return
  tally.differences += 1
  console.log(
    `Difference in graph ${difference.seed} (version ${graph.version}), event ${difference.nth}: ${difference.what}`,
  )
  console.log(difference.detail)
  console.log(JSON.stringify(graph.events[difference.nth]?.event.pdu, undefined, 2))
}

await main()
