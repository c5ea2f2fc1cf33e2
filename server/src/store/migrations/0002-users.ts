/** Tables of the users component: accounts, sessions and what users keep on the server. */

const sql = `
-- owner: users
CREATE TABLE account (
  user_number INTEGER PRIMARY KEY,
  password_hash TEXT,
  is_admin INTEGER NOT NULL,
  is_guest INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_ms INTEGER NOT NULL
);

-- owner: users
CREATE TABLE session (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  display_name TEXT,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER,
  last_seen_ip TEXT,
  last_seen_agent TEXT,
  PRIMARY KEY (user_number, device)
) WITHOUT ROWID;

-- owner: users
CREATE TABLE access_token (
  token_hash TEXT PRIMARY KEY,
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  expires_ms INTEGER,
  refresh_hash TEXT UNIQUE,
  refresh_expires_ms INTEGER,
  replaces TEXT
) WITHOUT ROWID;
CREATE INDEX access_token_session ON access_token (user_number, device);

-- owner: users
CREATE TABLE login_token (
  token_hash TEXT PRIMARY KEY,
  user_number INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- owner: users
CREATE TABLE setup_token (
  token_hash TEXT PRIMARY KEY,
  created_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- owner: users
CREATE TABLE registration_token (
  token TEXT PRIMARY KEY,
  uses INTEGER NOT NULL,
  uses_max INTEGER,
  expires_ms INTEGER
) WITHOUT ROWID;

-- owner: users
CREATE TABLE auth_session (
  session TEXT PRIMARY KEY,
  operation TEXT NOT NULL,
  user_number INTEGER NOT NULL,
  completed TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX auth_session_expiry ON auth_session (expires_ms);

-- owner: users
CREATE TABLE profile_field (
  user_number INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (user_number, field)
) WITHOUT ROWID;

-- owner: users
CREATE TABLE account_data (
  user_number INTEGER NOT NULL,
  room INTEGER NOT NULL,
  type TEXT NOT NULL,
  content TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (user_number, room, type)
) WITHOUT ROWID;
CREATE INDEX account_data_position ON account_data (user_number, position);

-- owner: users
CREATE TABLE push_rules (
  user_number INTEGER PRIMARY KEY,
  rules TEXT NOT NULL,
  position INTEGER NOT NULL
);

-- owner: users
CREATE TABLE user_filter (
  user_number INTEGER NOT NULL,
  filter INTEGER NOT NULL,
  digest TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (user_number, filter),
  UNIQUE (user_number, digest)
) WITHOUT ROWID;
`

export const users = { id: 2, name: 'users', sql }
