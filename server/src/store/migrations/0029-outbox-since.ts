/** From which event on each room is owed to a server. */

const sql = `
ALTER TABLE outbox_room ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_room_position ON outbox_room (server, position);
DROP TABLE outbox_told;
`

export const outboxSince = { id: 29, name: 'outbox-since', sql }
