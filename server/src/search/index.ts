/** Finds users and messages. */

export { createSearch } from './create-search.ts'
export type { Search, SearchCaller } from './search.ts'
