/**
 * The policy server of a room vouches for the events of our users before they are part of it. Spec:
 * server-server-api#policy-servers.
 */

import {
  type EventId,
  findPolicyServer,
  isPolicyEvent,
  type PolicyServer,
  type RoomEvent,
  type RoomRules,
  stateKeyOf,
} from '@parallax/protocol'
import type { RequestPolicySignature } from '../policy/index.ts'
import type { Accepted, Working } from './decide.ts'
import type { Heads, RoomHead } from './heads.ts'
import type { Memory } from './memory.ts'

const policyKey = stateKeyOf('m.room.policy', '')

/** The policy server that the room uses now: named by its state, and in the room itself. */
export async function findPolicyOf(
  { heads, memory }: { readonly heads: Heads; readonly memory: Memory },
  head: RoomHead,
): Promise<PolicyServer | undefined> {
  const known = head.cells.get(policyKey)
  // Most rooms have none: they wait for nothing.
  if (known === null) return undefined
  const cell = known ?? (await heads.loadCells(head, [policyKey])).get(policyKey)
  const server = findPolicyServer(cell?.event.content)
  if (server === undefined) return undefined
  return (await memory.listJoinedServers(head.row.room)).has(server.name) ? server : undefined
}

/** The event with the policy server's signature, if it needs one. Throws what asking throws. */
export async function vouchFor(
  request: RequestPolicySignature,
  rules: RoomRules,
  server: PolicyServer | undefined,
  event: RoomEvent,
): Promise<RoomEvent> {
  return server === undefined || isPolicyEvent(event) ? event : request(rules, event, server)
}

type Decided = { readonly accepted: readonly Accepted[]; readonly working: Working }

/** What was decided, every event with its signature; or which are not vouched for, and why. */
export async function vouchForAll(
  request: RequestPolicySignature,
  server: PolicyServer,
  { accepted, working }: Decided,
): Promise<Decided | { readonly refusals: ReadonlyMap<EventId, unknown> }> {
  const refusals = new Map<EventId, unknown>()
  const signed = new Map<EventId, RoomEvent>()
  const vouchForOne = async ({ event }: Accepted): Promise<void> => {
    try {
      signed.set(event.eventId, await vouchFor(request, working.rules, server, event))
    } catch (error) {
      refusals.set(event.eventId, error)
    }
  }
  await Promise.all(accepted.map(vouchForOne))
  if (refusals.size > 0) return { refusals }
  const cells = [...working.cells].map(([key, cell]) => {
    return [key, { ...cell, event: signed.get(cell.event.eventId) ?? cell.event }] as const
  })
  return {
    accepted: accepted.map((one) => ({ ...one, event: signed.get(one.event.eventId)! })),
    working: { ...working, cells: new Map(cells) },
  }
}
