/** What the endpoints may call. Built in compose.ts; each component's type comes from its folder's index. */

export type Components = object
