/** Local users: accounts, sessions, profiles, account data, filters, push rules. */

export { createUsers } from './create-users.ts'
export * from './users.ts'
export type { UsersConfig, UsersDeps } from './users-deps.ts'
