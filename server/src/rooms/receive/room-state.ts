/** A state as a stored tree and what differs from it: the states of forks need no trees of their own. */

import type { StateDifference, StoredEvent } from '../rooms.ts'
import type { StateTrees } from '../state/state-trees.ts'
import { emptyRoot } from '../state/tree.ts'
import type { NodeHash } from '../state/tree-node.ts'

/** In place of an event's number: the event that is being received and has none yet. */
export const OWN_EVENT = 0

export type RoomState = {
  /** The tree of snapshot `snapshot`. */
  readonly root: NodeHash
  readonly snapshot: number
  /** Event by slot; null: none. What the tree says of these slots does not count. */
  readonly changes: ReadonlyMap<number, number | null>
}

const nothing: ReadonlyMap<number, number | null> = new Map()

/** The state before the room's first event has the number 0. */
export async function stateOfSnapshot(trees: StateTrees, snapshot: number): Promise<RoomState> {
  return { root: snapshot === 0 ? emptyRoot : await trees.requireRoot(snapshot), snapshot, changes: nothing }
}

/** The state after a stored event that has its place in the graph; a rejected one changes nothing. */
export async function stateAfter(trees: StateTrees, stored: StoredEvent): Promise<RoomState> {
  const before = await stateOfSnapshot(trees, stored.snapshot)
  return stored.slot === null || stored.outcome > 1 ? before : withChange(before, stored.slot, stored.event)
}

export function withChange(state: RoomState, slot: number, event: number): RoomState {
  return { ...state, changes: new Map(state.changes).set(slot, event) }
}

/** The events in these slots, in their order. */
export async function findInState(
  trees: StateTrees,
  { root, changes }: RoomState,
  slots: readonly number[],
): Promise<(number | undefined)[]> {
  const asked = slots.filter((slot) => !changes.has(slot))
  const found = asked.length === 0 ? [] : await trees.find(root, asked)
  const bySlot = new Map(asked.map((slot, index) => [slot, found[index]]))
  return slots.map((slot) => (changes.has(slot) ? (changes.get(slot) ?? undefined) : bySlot.get(slot)))
}

/** What differs between two states; costs what differs. */
export async function listDifferences(trees: StateTrees, a: RoomState, b: RoomState): Promise<StateDifference[]> {
  const slots = new Set([...a.changes.keys(), ...b.changes.keys()])
  if (a.root !== b.root) for (const { slot } of await trees.listDifferences(a.root, b.root)) slots.add(slot)
  const list = [...slots]
  const [before, after] = await Promise.all([findInState(trees, a, list), findInState(trees, b, list)])
  return list.flatMap((slot, index) =>
    before[index] === after[index] ? [] : [{ slot, before: before[index] ?? null, after: after[index] ?? null }],
  )
}
