/** Events of a room by their time, for jumps to a date. */

const sql = `
CREATE INDEX event_ts ON event (room, ts);
`

export const eventTime = { id: 13, name: 'event-time', sql }
