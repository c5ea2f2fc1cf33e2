/** What is remembered of events of other servers that arrive before those that they speak of. */

const sql = `
-- owner: rooms
CREATE TABLE pending_redaction (
  event_id TEXT NOT NULL,
  redaction INTEGER NOT NULL,
  PRIMARY KEY (event_id, redaction)
) WITHOUT ROWID;

-- owner: rooms
CREATE TABLE missing_event (
  event_id TEXT NOT NULL,
  room INTEGER NOT NULL,
  named_by INTEGER NOT NULL,
  PRIMARY KEY (event_id, named_by)
) WITHOUT ROWID;
CREATE INDEX missing_event_room ON missing_event (room);
`

export const received = { id: 10, name: 'received', sql }
