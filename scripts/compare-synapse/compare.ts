/** Where our judgement of a room graph and Synapse's differ. */

import { hash } from 'node:crypto'
import {
  canonicalJson,
  type JsonObject,
  type StateMap,
  splitStateKey,
  type Verdict,
} from '../../packages/protocol/src/index.ts'
import { isAccepted, type JudgedEvent, type RoomGraph } from './graph-builder.ts'
import type { SynapseAnswer, SynapseEvent } from './synapse.ts'

export type Difference = { readonly seed: number; readonly nth: number; readonly what: string; readonly detail: string }

/** The first difference in the graph, in the order of its events. */
export function findDifference(graph: RoomGraph, answer: SynapseAnswer): Difference | undefined {
  if ('failed' in answer) return { seed: graph.seed, nth: 0, what: 'Synapse failed', detail: answer.failed }
  for (const [nth, ours] of graph.events.entries()) {
    const found = compareEvent(ours, answer.events[nth]!)
    if (found) return { seed: graph.seed, nth, ...found }
  }
  return undefined
}

type Finding = { what: string; detail: string } | undefined

function compareEvent(ours: JudgedEvent, theirs: SynapseEvent | { readonly unreadable: string }): Finding {
  if ('unreadable' in theirs) {
    return isAccepted(ours) ? differ('verdict', 'allowed', `unreadable: ${theirs.unreadable}`) : undefined
  }
  if (ours.event.eventId !== theirs.id) return differ('event ID', ours.event.eventId, theirs.id)
  if (digestState(ours.before) !== theirs.state) {
    return differ('resolved state', `\n${listState(ours.before)}`, `\n${listTheirs(theirs)}`)
  }
  const verdicts = compareVerdicts(ours.verdicts, theirs.verdicts)
  if (verdicts) return verdicts
  const redacted = JSON.parse(theirs.redacted) as JsonObject
  if (canonicalJson(ours.redacted) === canonicalJson(redacted)) return undefined
  return differ('redacted form', canonicalJson(ours.redacted), theirs.redacted)
}

/**
 * The rules on the list of auth events and those by their state together are one verdict: which of them refuses first
 * differs. The verdict by the state before counts for events only that passed so far, in both servers.
 */
function compareVerdicts(ours: JudgedEvent['verdicts'], theirs: SynapseEvent['verdicts']): Finding {
  const [ourList, ourAuth, ourState] = ours
  const [theirList, theirAuth, theirState] = theirs
  const ourCited = ourList.ok ? ourAuth : ourList
  const theirCited = theirList ?? theirAuth
  if (ourCited.ok !== (theirCited === null)) {
    return differ('verdict by its auth events', describe(ourCited), theirCited ?? 'allowed')
  }
  if (!ourCited.ok || ourState.ok === (theirState === null)) return undefined
  return differ('verdict by the state before', describe(ourState), theirState ?? 'allowed')
}

function describe(verdict: Verdict): string {
  return verdict.ok ? 'allowed' : `${verdict.rule}: ${verdict.reason}`
}

function differ(what: string, ours: string, theirs: string): { what: string; detail: string } {
  return { what, detail: `ours:   ${ours}\ntheirs: ${theirs}` }
}

function digestState(state: StateMap): string {
  return hash('sha256', listState(state, '\0'), 'hex').slice(0, 16)
}

function listState(state: StateMap, separator = ' '): string {
  return [...state]
    .map(([key, id]) => [...splitStateKey(key), id].join(separator))
    .sort()
    .join('\n')
}

function listTheirs(theirs: SynapseEvent): string {
  return (
    theirs.before
      ?.map((entry) => entry.join(' '))
      .sort()
      .join('\n') ?? '(run again with --seed for the detail)'
  )
}
