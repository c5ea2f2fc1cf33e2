/** Tables of receipts (owned by rooms) and of unread counts (owned by sync). */

const sql = `
-- owner: rooms
CREATE TABLE receipt (
  room INTEGER NOT NULL,
  user_number INTEGER NOT NULL,
  type TEXT NOT NULL,
  thread TEXT NOT NULL,
  event_id TEXT NOT NULL,
  stream INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (room, user_number, type, thread)
) WITHOUT ROWID;
CREATE INDEX receipt_position ON receipt (room, position);
CREATE INDEX receipt_user ON receipt (user_number);

-- owner: sync
CREATE TABLE unread_checkpoint (
  user_number INTEGER NOT NULL,
  room INTEGER NOT NULL,
  counted_to INTEGER NOT NULL,
  items TEXT NOT NULL,
  PRIMARY KEY (user_number, room)
) WITHOUT ROWID;
`

export const sync = { id: 5, name: 'sync', sql }
