/** Sealed feeds: what their rows say to who wrote them, costly hashes of names, named readers, and ways of asking. */

const sql = `
ALTER TABLE reputation_feed ADD COLUMN secret TEXT NOT NULL DEFAULT '';
ALTER TABLE reputation_feed ADD COLUMN rows_made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reputation_source ADD COLUMN manner TEXT NOT NULL DEFAULT 'copy';
ALTER TABLE reputation_source ADD COLUMN audience_key TEXT NOT NULL DEFAULT '';
ALTER TABLE reputation_source ADD COLUMN other_head TEXT NOT NULL DEFAULT '';

-- owner: reputation
CREATE TABLE reputation_sealed (
  feed TEXT NOT NULL,
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  hashed TEXT NOT NULL,
  PRIMARY KEY (feed, id)
);
CREATE INDEX reputation_sealed_subject ON reputation_sealed (feed, subject);

-- owner: reputation
CREATE TABLE reputation_reader (
  feed TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (feed, user_id)
);

-- owner: reputation
CREATE TABLE reputation_hash (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  hashed TEXT NOT NULL,
  PRIMARY KEY (scope, name)
);
`

export const reputationSealing = { id: 35, name: 'reputation-sealing', sql }
