/**
 * The store: one SQL text for SQLite and Postgres. Reads see committed data; writes are batches of statements
 * that are built at once and committed together, in the order in which they were built (group commit).
 */

/** What a column holds: integers are numbers within ±2^53, booleans are 0 and 1, bytes are Uint8Array. */
export type SqlValue = string | number | null | Uint8Array
export type Row = Record<string, SqlValue>

/** A list for `IN ${anyOf(list)}`: one parameter whatever its length, so the statement's text stays the same. */
export type SqlList = { readonly list: readonly string[] | readonly number[] }
export type SqlParameter = SqlValue | SqlList

/** `WHERE nid IN ${anyOf([1, 2])}`. All of one type; an empty list matches nothing. */
export function anyOf(list: readonly string[] | readonly number[]): SqlList {
  return { list }
}

/** Reads committed data. Tagged templates: each call site is one cached prepared statement. */
export interface Reader {
  all<R = Row>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<R[]>
  /** The first row, if there is one. */
  first<R = Row>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<R | undefined>
}

/** Rows of a `RETURNING` clause: filled when the transaction has been committed. */
export type Returned<R> = { readonly rows: readonly R[] }

/** Collects the statements of one transaction. Nothing is executed before the builder returns. */
export interface Writer {
  run(text: TemplateStringsArray, ...values: SqlParameter[]): void
  /** As `run`, but the whole transaction is undone with StoreError 'conflict' if it changes no row. */
  require(text: TemplateStringsArray, ...values: SqlParameter[]): void
  /** As `run`; `rows` of the answer is filled after the commit. */
  returning<R = Row>(text: TemplateStringsArray, ...values: SqlParameter[]): Returned<R>
  /**
   * Called in order of commits, right after this transaction's commit and before `transact` answers. Must not throw.
   */
  onCommitted(task: () => void): void
  /** Called if this transaction is undone. */
  onUndone(task: () => void): void
}

export interface Store {
  readonly engine: 'sqlite' | 'postgres'
  /** Short reads: on SQLite they run at once on the calling thread. */
  readonly reader: Reader
  /** Long reads (initial sync, search, loads of state resolution): never on the thread that answers requests. */
  readonly longReader: Reader
  /**
   * Builds a transaction synchronously and commits it; answers after the fsync. Transactions commit in the order of
   * the calls, each whole or not at all: one that fails does not cost its neighbours in the same group commit.
   * Read before, not inside: guard what was read by a keyed queue or by `require`.
   */
  transact<T>(build: (tx: Writer) => T): Promise<T>
  /** Resolves when all that was submitted is committed, all reads are answered and everything is closed. */
  close(): Promise<void>
}

export type StoreErrorKind = 'conflict' | 'unique' | 'closed' | 'busy' | 'corrupt' | 'failed'

/** A failure of the store; the component that asked decides what it means. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind

  constructor(kind: StoreErrorKind, message: string) {
    super(message)
    this.name = 'StoreError'
    this.kind = kind
  }
}
