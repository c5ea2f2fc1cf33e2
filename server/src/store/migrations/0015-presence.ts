/** The table of the presence component. */

const sql = `
-- owner: presence
CREATE TABLE presence (
  user_number INTEGER PRIMARY KEY,
  is_online INTEGER NOT NULL,
  last_active_ms INTEGER,
  status_message TEXT
);
`

export const presence = { id: 15, name: 'presence', sql }
