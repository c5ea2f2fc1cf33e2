/** Connections of sliding sync: what each was told of which room. */

const sql = `
-- owner: sync
CREATE TABLE sliding_connection (
  connection INTEGER PRIMARY KEY,
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  current INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  last INTEGER NOT NULL,
  wishes TEXT NOT NULL,
  used_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX sliding_connection_name ON sliding_connection (user_number, device, name);
CREATE INDEX sliding_connection_used ON sliding_connection (used_ms);
-- owner: sync
CREATE TABLE sliding_room (
  connection INTEGER NOT NULL,
  room INTEGER NOT NULL,
  told INTEGER NOT NULL,
  timeline_limit INTEGER NOT NULL,
  wishes INTEGER NOT NULL,
  is_direct INTEGER NOT NULL,
  counts TEXT NOT NULL,
  number INTEGER NOT NULL,
  undo TEXT,
  PRIMARY KEY (connection, room)
);
`

export const slidingSync = { id: 16, name: 'sliding-sync', sql }
