/** The journal that components follow. */

export type { Journal, JournalEntry, JournalRecord, Position } from './journal.ts'
