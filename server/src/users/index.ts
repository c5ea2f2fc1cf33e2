/** Local users: accounts, sessions, profiles, account data, filters, push rules. */

export { createUsers, type UsersConfig, type UsersDeps } from './create-users.ts'
export * from './users.ts'
