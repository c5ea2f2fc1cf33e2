/** More tables of the users component: pushers and OpenID tokens. */

const sql = `
-- owner: users
CREATE TABLE pusher (
  user_number INTEGER NOT NULL,
  app_id TEXT NOT NULL,
  pushkey TEXT NOT NULL,
  device TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (user_number, app_id, pushkey)
) WITHOUT ROWID;
CREATE INDEX pusher_key ON pusher (app_id, pushkey);

-- owner: users
CREATE TABLE openid_token (
  token_hash TEXT PRIMARY KEY,
  user_number INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX openid_token_expiry ON openid_token (expires_ms);
`

export const accounts = { id: 6, name: 'accounts', sql }
