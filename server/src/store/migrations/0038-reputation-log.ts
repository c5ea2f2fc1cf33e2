/** Who changed the lens of the server, how and why: for its admins, 30 days. */

const sql = `
-- owner: reputation
CREATE TABLE reputation_log (
  entry INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  user_number INTEGER NOT NULL,
  body TEXT NOT NULL
);
`

export const reputationLog = { id: 38, name: 'reputation-log', sql }
