/** Tables of the devices component. */

export const devices = { id: 3, name: 'devices', sql: `` }
