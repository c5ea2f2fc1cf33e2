/** Tables of push: what users were notified of, and how far that was delivered. */

const sql = `
ALTER TABLE pusher ADD COLUMN set_ms INTEGER NOT NULL DEFAULT 0;

-- owner: push
CREATE TABLE push_user (
  user_number INTEGER PRIMARY KEY,
  is_filled INTEGER NOT NULL,
  listed_ms INTEGER
);

-- owner: push
CREATE TABLE notification (
  user_number INTEGER NOT NULL,
  event INTEGER NOT NULL,
  room INTEGER NOT NULL,
  thread TEXT NOT NULL,
  is_highlight INTEGER NOT NULL,
  is_call INTEGER NOT NULL,
  is_read INTEGER NOT NULL,
  actions TEXT NOT NULL,
  recorded_ms INTEGER NOT NULL,
  PRIMARY KEY (user_number, event)
) WITHOUT ROWID;

-- owner: push
CREATE TABLE push_delivery (
  user_number INTEGER NOT NULL,
  app_id TEXT NOT NULL,
  pushkey TEXT NOT NULL,
  done_to INTEGER NOT NULL,
  badge INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  retry_ms INTEGER NOT NULL,
  PRIMARY KEY (user_number, app_id, pushkey)
) WITHOUT ROWID;
`

export const push = { id: 9, name: 'push', sql }
