/** The tables of feeds that users of this server follow. */

const sql = `
-- owner: reputation
CREATE TABLE reputation_source (
  source INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  public_key TEXT NOT NULL,
  manifest TEXT NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  peaks TEXT NOT NULL,
  health TEXT NOT NULL,
  failures INTEGER NOT NULL,
  checked_ms INTEGER NOT NULL,
  next_ms INTEGER NOT NULL,
  UNIQUE (address, public_key)
);
CREATE INDEX reputation_source_next ON reputation_source (next_ms);

-- owner: reputation
CREATE TABLE reputation_said (
  source INTEGER NOT NULL,
  id TEXT NOT NULL,
  form TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (source, id)
);
CREATE INDEX reputation_said_target ON reputation_said (target, kind);
CREATE INDEX reputation_said_form ON reputation_said (source, form);

-- owner: reputation
CREATE TABLE reputation_subscription (
  user_number INTEGER NOT NULL,
  source INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (user_number, source)
);
CREATE INDEX reputation_subscription_source ON reputation_subscription (source);
`

export const reputationSources = { id: 24, name: 'reputation-sources', sql }
