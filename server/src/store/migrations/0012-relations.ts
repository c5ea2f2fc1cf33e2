/** Which event relates to which: reactions, edits, threads, references. */

const sql = `
-- owner: rooms
CREATE TABLE relation (
  event INTEGER PRIMARY KEY,
  room INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  parent TEXT NOT NULL,
  rel_type TEXT NOT NULL,
  type INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  relation_key TEXT
);
CREATE INDEX relation_parent ON relation (parent, rel_type, stream);
CREATE INDEX relation_room ON relation (room, rel_type, parent, stream);
`

export const relations = { id: 12, name: 'relations', sql }
