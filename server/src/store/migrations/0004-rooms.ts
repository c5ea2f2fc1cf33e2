/** Tables of the rooms component: events, state trees, heads, members, transactions. */

const sql = `
-- owner: rooms
CREATE TABLE room (
  room INTEGER PRIMARY KEY,
  version TEXT NOT NULL,
  snapshot INTEGER NOT NULL,
  extremities TEXT NOT NULL,
  joined_count INTEGER NOT NULL,
  invited_count INTEGER NOT NULL,
  last_position INTEGER NOT NULL,
  is_public INTEGER NOT NULL DEFAULT 0
);

-- owner: rooms
CREATE TABLE event (
  event INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  room INTEGER NOT NULL,
  stream INTEGER,
  type INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  slot INTEGER,
  depth INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  snapshot INTEGER NOT NULL,
  replaces INTEGER,
  redacted_by INTEGER,
  body TEXT NOT NULL,
  rest TEXT NOT NULL
);
CREATE INDEX event_timeline ON event (room, stream);
CREATE INDEX event_slot ON event (slot, room, stream) WHERE slot IS NOT NULL;

-- owner: rooms
CREATE TABLE state_node (
  hash TEXT PRIMARY KEY,
  body BLOB NOT NULL
) WITHOUT ROWID;

-- owner: rooms
CREATE TABLE snapshot (
  snapshot INTEGER PRIMARY KEY,
  root TEXT NOT NULL
);

-- owner: rooms
CREATE TABLE head_history (
  room INTEGER NOT NULL,
  position INTEGER NOT NULL,
  snapshot INTEGER NOT NULL,
  PRIMARY KEY (room, position)
) WITHOUT ROWID;

-- owner: rooms
CREATE TABLE member (
  room INTEGER NOT NULL,
  user_number INTEGER NOT NULL,
  membership TEXT NOT NULL,
  event INTEGER NOT NULL,
  position INTEGER NOT NULL,
  forgotten INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room, user_number)
) WITHOUT ROWID;
CREATE INDEX member_user ON member (user_number, room);

-- owner: rooms
CREATE TABLE send_transaction (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  room INTEGER NOT NULL,
  path TEXT NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (user_number, device, transaction_id, room, path)
) WITHOUT ROWID;
CREATE INDEX send_transaction_event ON send_transaction (event);

-- owner: rooms
CREATE TABLE auth_place (
  event INTEGER PRIMARY KEY,
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL
);
CREATE UNIQUE INDEX auth_place_chain ON auth_place (chain, sequence);

-- owner: rooms
CREATE TABLE auth_link (
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  to_chain INTEGER NOT NULL,
  to_sequence INTEGER NOT NULL,
  PRIMARY KEY (chain, sequence, to_chain)
) WITHOUT ROWID;

-- owner: rooms
CREATE TABLE room_alias (
  alias TEXT PRIMARY KEY,
  room INTEGER NOT NULL,
  creator INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX room_alias_room ON room_alias (room);
`

export const rooms = { id: 4, name: 'rooms', sql }
