/** Interning: users, rooms, event types and state-map keys are integers inside the store. */

export interface Names {
  /** The numbers of these texts, in order; undefined where one was never stored. */
  find(texts: readonly string[]): Promise<(number | undefined)[]>
  /** The number of a text if it is in memory (hot paths). */
  peek(text: string): number | undefined
  /**
   * The numbers of these texts, in order; new ones are stored by a transaction submitted before any that the caller
   * submits later, so their rows are there when the caller's are.
   */
  intern(texts: readonly string[]): Promise<number[]>
  /** The texts of these numbers, in order; throws StoreError 'corrupt' if one is unknown. */
  texts(numbers: readonly number[]): Promise<string[]>
  /** The text of a number if it is in memory. */
  peekText(number: number): string | undefined
}
