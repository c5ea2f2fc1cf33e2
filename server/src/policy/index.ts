/** Policy servers of rooms: asked before an event becomes part of their room; and being one. */

export { createPolicy } from './create-policy.ts'
export { judgeAlike } from './judge-alike.ts'
export { judgeByLenses } from './judge-by-lenses.ts'
export type * from './policy.ts'
