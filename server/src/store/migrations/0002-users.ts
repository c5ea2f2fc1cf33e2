/** Tables of the users component. */

export const users = { id: 2, name: 'users', sql: `` }
