/** Addresses of accounts, and how they are confirmed. */

const sql = `
-- owner: users
CREATE TABLE threepid (
  medium TEXT NOT NULL,
  address TEXT NOT NULL,
  user_number INTEGER NOT NULL,
  validated_ms INTEGER NOT NULL,
  added_ms INTEGER NOT NULL,
  PRIMARY KEY (medium, address)
);
CREATE INDEX threepid_user ON threepid (user_number);
-- owner: users
CREATE TABLE threepid_validation (
  sid TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  client_secret TEXT NOT NULL,
  address TEXT NOT NULL,
  token_hash TEXT,
  attempt INTEGER NOT NULL,
  next_link TEXT,
  validated_ms INTEGER,
  expires_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX threepid_validation_asked ON threepid_validation (address, client_secret, purpose);
CREATE INDEX threepid_validation_expires ON threepid_validation (expires_ms);
`

export const threepids = { id: 21, name: 'threepids', sql }
