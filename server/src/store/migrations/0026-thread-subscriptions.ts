/** Threads that users follow, or no longer want to. */

const sql = `
-- owner: users
CREATE TABLE thread_subscription (
  user_number INTEGER NOT NULL,
  room INTEGER NOT NULL,
  root TEXT NOT NULL,
  mode TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (user_number, room, root)
);
CREATE INDEX thread_subscription_position ON thread_subscription (user_number, position);
`

export const threadSubscriptions = { id: 26, name: 'thread-subscriptions', sql }
