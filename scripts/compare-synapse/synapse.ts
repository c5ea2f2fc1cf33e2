/** Synapse's rules as a library, in a Python process of our own, fed with one room graph a line. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RoomGraph } from './graph-builder.ts'
import { findSynapsePython, synapseVersion } from './synapse-python.ts'

const judge = join(import.meta.dirname, '..', 'compare-synapse.py')

/** What Synapse says of one event; verdicts are null or the reason of a refusal. */
export type SynapseEvent = {
  readonly id: string
  readonly verdicts: readonly [string | null, string | null, string | null]
  readonly state: string
  readonly redacted: string
  readonly before?: readonly (readonly [string, string, string])[]
}

export type SynapseAnswer =
  | { readonly events: readonly (SynapseEvent | { readonly unreadable: string })[] }
  | { readonly failed: string }

export interface Synapse {
  readonly version: string
  judge(graph: RoomGraph, detail?: boolean): Promise<SynapseAnswer>
  close(): void
}

/** A running judge; installs Synapse into a folder of the user's cache at the first use, which takes minutes. */
export async function startSynapse(): Promise<Synapse> {
  const child = spawn(findSynapsePython(), [judge], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const waiting: ((answer: SynapseAnswer) => void)[] = []
  lines.on('line', (line) => waiting.shift()?.(JSON.parse(line) as SynapseAnswer))
  child.on('exit', (code) => {
    for (const answer of waiting.splice(0)) answer({ failed: `the judge ended with code ${code}` })
  })
  return {
    version: synapseVersion,
    judge: (graph, detail = false) =>
      new Promise((answer) => {
        waiting.push(answer)
        send(child, graph, detail)
      }),
    close: () => child.stdin.end(),
  }
}

function send(child: ChildProcess, graph: RoomGraph, detail: boolean): void {
  const events = graph.events.map(({ event }) => ({ id: event.eventId, pdu: event.pdu }))
  child.stdin?.write(`${JSON.stringify({ version: graph.version, events, detail })}\n`)
}
