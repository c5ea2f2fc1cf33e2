/**
 * Puts records in the order of their positions: a record is told when it and all before it are settled (committed,
 * undone or announced), so readers never see a position while an earlier one may still appear.
 */

import type { JournalEntry, JournalRecord, Position } from './journal.ts'

type Slot = { readonly position: Position; entry: JournalEntry | undefined; isStored: boolean; isSettled: boolean }

export type Sequencer = {
  /** A place for `position`, greater than all before; answers how to settle it. Without an entry nobody is told. */
  open(position: Position, entry: JournalEntry | undefined, isStored: boolean): { commit(): void; undo(): void }
  /** Everything up to here is settled and was told. */
  committed(): Position
}

/** `tell` gets the records in order, and which of them are stored, once per turn of the microtask queue. */
export function createSequencer(
  start: Position,
  tell: (records: readonly JournalRecord[], stored: readonly JournalRecord[]) => void,
): Sequencer {
  let slots: Slot[] = []
  let first = 0
  let committed = start
  let isFlushing = false

  function flush(): void {
    isFlushing = false
    const records: JournalRecord[] = []
    const stored: JournalRecord[] = []
    while (first < slots.length && slots[first]!.isSettled) {
      const { position, entry, isStored } = slots[first++]!
      committed = position
      if (entry === undefined) continue
      const record = { position, entry }
      records.push(record)
      if (isStored) stored.push(record)
    }
    if (first > 1024 || first === slots.length) {
      slots = slots.slice(first)
      first = 0
    }
    if (records.length > 0) tell(records, stored)
  }

  function settle(slot: Slot): void {
    slot.isSettled = true
    if (isFlushing) return
    isFlushing = true
    // A group commit settles all its transactions before the first promise continues: they are told together.
    queueMicrotask(flush)
  }

  return {
    committed: () => committed,
    open(position, entry, isStored) {
      const slot: Slot = { position, entry, isStored, isSettled: false }
      slots.push(slot)
      return {
        commit: () => settle(slot),
        undo() {
          slot.entry = undefined
          settle(slot)
        },
      }
    },
  }
}
