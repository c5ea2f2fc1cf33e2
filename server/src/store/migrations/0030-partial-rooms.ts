/** Rooms that were joined without all of their members: since when the whole state is here. */

const sql = `
ALTER TABLE room ADD COLUMN complete_since INTEGER DEFAULT 0;
-- owner: rooms
CREATE TABLE partial_room (
  room INTEGER PRIMARY KEY,
  join_event INTEGER NOT NULL,
  servers TEXT NOT NULL
);
`

export const partialRooms = { id: 30, name: 'partial-rooms', sql }
