/** The last reads before a commit: names are interned, paths of the state tree and places of auth events loaded. */

import { type EventId, type StateMapKey, stateKeyOf } from '@parallax/protocol'
import type { Names, Writer } from '../store/index.ts'
import { type CommitDeps, commit } from './commit.ts'
import type { Accepted, Working } from './decide.ts'
import type { Cells, RoomHead } from './heads.ts'

/** What a turn has decided. */
export type TurnOutcome = {
  readonly accepted: readonly Accepted[]
  readonly working: Working
  /** What else belongs into the transaction. */
  readonly alsoWrite?: (tx: Writer) => void
  /** Numbers of auth events that the events name though they are not in the room's current state. */
  readonly cited?: ReadonlyMap<EventId, number>
}

/** Stores the accepted events; answers their numbers by ID, after the fsync. Nothing is interned for refused ones. */
export async function commitAccepted(
  deps: CommitDeps & { readonly names: Names },
  head: RoomHead,
  /** The state events that the decisions looked at; undefined for a new room. */
  cells: Cells | undefined,
  { accepted, working, alsoWrite, cited = new Map() }: TurnOutcome,
): Promise<Map<EventId, number>> {
  if (accepted.length === 0) return new Map()
  const slotKeys = accepted.flatMap(({ event }) =>
    event.stateKey === undefined ? [] : [stateKeyOf(event.type, event.stateKey)],
  )
  const numberOf = await internAll(deps.names, accepted, slotKeys)
  const held = await deps.trees.loadPaths(head.root, slotKeys.map(numberOf))
  const inState = [...(cells?.values() ?? [])].flatMap((cell) =>
    cell ? [[cell.event.eventId, cell.number] as const] : [],
  )
  const known = new Map<EventId, number>([...cited, ...inState])
  const places = await deps.authChains.load(slotKeys.length === 0 ? [] : [...known.values()])
  const storedNumber = (eventId: EventId) => known.get(eventId)
  const isNewRoom = cells === undefined
  const plan = { head, isNewRoom, accepted, working, numberOf, held, places, storedNumber, alsoWrite }
  const stored = await commit(deps, plan)
  return new Map(stored.map((event) => [event.eventId, event.event]))
}

async function internAll(names: Names, accepted: readonly Accepted[], slotKeys: readonly StateMapKey[]) {
  const texts = new Set<string>(slotKeys)
  for (const { event, membership } of accepted) {
    texts.add(event.type)
    texts.add(event.sender)
    if (membership !== undefined) texts.add(membership.user)
  }
  const list = [...texts]
  const numbers = new Map<string, number>()
  const interned = await names.intern(list)
  list.forEach((text, index) => {
    numbers.set(text, interned[index]!)
  })
  return (text: string): number => numbers.get(text)!
}
