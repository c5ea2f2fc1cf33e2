/** Servers that are to be told that a user's devices changed. */

const sql = `
-- owner: federation
CREATE TABLE outbox_user (
  server INTEGER NOT NULL,
  user_number INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (server, user_number)
);
`

export const outboxUser = { id: 31, name: 'outbox-user', sql }
