/** Tables of what is known about other servers: their keys, and which do not answer. */

const sql = `
-- owner: remote
CREATE TABLE server_key (
  server TEXT NOT NULL,
  key_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  valid_until_ms INTEGER NOT NULL,
  PRIMARY KEY (server, key_id)
) WITHOUT ROWID;

-- owner: remote
CREATE TABLE server_key_document (
  server TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  valid_until_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- owner: remote
CREATE TABLE failing_server (
  server TEXT PRIMARY KEY,
  since_ms INTEGER NOT NULL,
  retry_ms INTEGER NOT NULL,
  wait_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX failing_server_retry ON failing_server (retry_ms);
`

export const remote = { id: 8, name: 'remote', sql }
