/** Tables of the sync component. */

export const sync = { id: 5, name: 'sync', sql: `` }
