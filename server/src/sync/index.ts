/** Sync: what is new for one device, and the receipts, markers and typing that go with it. */

export { createSync } from './create-sync.ts'
export * from './sync.ts'
export type { SyncDeps, SyncDevices, SyncUsers } from './sync-deps.ts'
