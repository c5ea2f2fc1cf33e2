/** The table of the moderation component: what users reported. */

const sql = `
-- owner: moderation
CREATE TABLE report (
  report INTEGER PRIMARY KEY,
  reporter INTEGER NOT NULL,
  user_number INTEGER,
  room INTEGER,
  event_id TEXT,
  reason TEXT NOT NULL,
  created_ms INTEGER NOT NULL
);
CREATE INDEX report_reporter ON report (reporter, report);
`

export const moderation = { id: 7, name: 'moderation', sql }
