/** Rooms that this server is not in, known by invites and knocks of its users alone. */

const sql = `
-- owner: rooms
CREATE TABLE outside_room (
  room INTEGER PRIMARY KEY,
  version TEXT NOT NULL
);
`

export const outsideRooms = { id: 14, name: 'outside-rooms', sql }
