/** What other servers are to be told. */

const sql = `
-- owner: federation
CREATE TABLE outbox_room (
  server INTEGER NOT NULL,
  room INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (server, room)
);
-- owner: federation
CREATE TABLE outbox_told (
  server INTEGER PRIMARY KEY,
  position INTEGER NOT NULL
);
-- owner: devices
CREATE TABLE to_server (
  position INTEGER PRIMARY KEY,
  server INTEGER NOT NULL,
  content TEXT NOT NULL
);
CREATE INDEX to_server_server ON to_server (server, position);
`

export const outbox = { id: 22, name: 'outbox', sql }
