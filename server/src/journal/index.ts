/** The journal that components follow. */

export { createJournal, type EmbeddedJournal, type JournalOptions } from './create-journal.ts'
export type { Journal, JournalEntry, JournalRecord, Position } from './journal.ts'
