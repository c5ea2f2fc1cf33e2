/**
 * A second opinion on the protocol core: random room graphs of all versions go to our code and to Synapse's; the first
 * difference in event IDs, redacted events, verdicts or resolved states is reported with the seed that repeats it.
 * Usage: npm run compare:synapse -- [--graphs 10000] [--from 1] [--seed N] [--room-version 12]
 */

import { parseArgs } from 'node:util'
import { findDifference } from './compare-synapse/compare.ts'
import { listDepartures } from './compare-synapse/departures.ts'
import { isAccepted, type RoomGraph } from './compare-synapse/graph-builder.ts'
import { generateGraph } from './compare-synapse/room-graph.ts'
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
  if (!(await proveDepartures(synapse))) process.exit(1)
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

/** True if our code and Synapse judge every listed departure as stated. */
async function proveDepartures(synapse: Synapse): Promise<boolean> {
  const departures = listDepartures()
  let isProved = true
  for (const { name, graph, isAllowed } of departures) {
    const answer = await synapse.judge(graph)
    const theirs = 'failed' in answer ? undefined : answer.events.at(-1)
    const isTheirs =
      theirs !== undefined && 'verdicts' in theirs && theirs.verdicts.every((refusal) => refusal === null)
    const isOurs = isAccepted(graph.events.at(-1)!)
    if (isOurs === isAllowed && isTheirs !== isAllowed) continue
    console.log(`Not as listed: ${name}\nours: ${isOurs}, theirs: ${isTheirs} ${JSON.stringify(answer)}`)
    isProved = false
  }
  if (isProved) console.log(`${departures.length} listed departures are as stated`)
  return isProved
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
