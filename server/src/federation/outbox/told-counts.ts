/** How many transactions went out and how they ended, and how much was told with them; since the start. */

export type ToldCounts = {
  readonly transactions: {
    taken: number
    /** No answer, or one that asks for another attempt. */
    failed: number
    /** Never to be taken as they were. */
    refused: number
  }
  events: number
  edus: number
}

export function createToldCounts(): ToldCounts {
  return { transactions: { taken: 0, failed: 0, refused: 0 }, events: 0, edus: 0 }
}
