/** What other servers sent: transactions that were answered, and events that wait for what they rest on. */

const sql = `
-- owner: federation
CREATE TABLE inbox_transaction (
  origin TEXT NOT NULL,
  destination TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (origin, destination, transaction_id)
) WITHOUT ROWID;
CREATE INDEX inbox_transaction_time ON inbox_transaction (at_ms);

-- owner: federation
CREATE TABLE inbox_event (
  position INTEGER PRIMARY KEY,
  room INTEGER NOT NULL,
  origin TEXT NOT NULL,
  event_id TEXT NOT NULL,
  pdu TEXT NOT NULL,
  is_vouched INTEGER NOT NULL,
  is_policy_signed INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  retry_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX inbox_event_id ON inbox_event (room, origin, event_id);
CREATE INDEX inbox_event_origin ON inbox_event (origin);
`

export const inbox = { id: 17, name: 'inbox', sql }
