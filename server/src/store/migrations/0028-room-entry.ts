/** With which event a room was entered that other servers had made: what is older is its past, not news. */

const sql = `
ALTER TABLE room ADD COLUMN entry INTEGER;
`

export const roomEntry = { id: 28, name: 'room-entry', sql }
