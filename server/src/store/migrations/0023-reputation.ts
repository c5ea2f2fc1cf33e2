/** The tables of the reputation component: feeds of users of this server. */

const sql = `
-- owner: reputation
CREATE TABLE reputation_feed (
  feed TEXT PRIMARY KEY,
  owner INTEGER NOT NULL,
  audience TEXT NOT NULL,
  seed TEXT NOT NULL,
  manifest TEXT NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  peaks TEXT NOT NULL,
  created_ms INTEGER NOT NULL
);
CREATE INDEX reputation_feed_owner ON reputation_feed (owner);
CREATE INDEX reputation_feed_audience ON reputation_feed (audience, created_ms);

-- owner: reputation
CREATE TABLE reputation_batch (
  feed TEXT NOT NULL,
  seq INTEGER NOT NULL,
  leaf TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (feed, seq)
);

-- owner: reputation
CREATE TABLE reputation_entry (
  feed TEXT NOT NULL,
  id TEXT NOT NULL,
  is_pattern INTEGER NOT NULL,
  hash TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (feed, id)
);
`

export const reputation = { id: 23, name: 'reputation', sql }
