/** The user directory: words of names, and rooms whose members anybody may know. */

const sql = `
-- owner: search
CREATE TABLE directory_term (
  term TEXT NOT NULL,
  user_number INTEGER NOT NULL,
  room INTEGER NOT NULL,
  PRIMARY KEY (term, user_number, room)
) WITHOUT ROWID;
CREATE INDEX directory_term_user ON directory_term (user_number, room);

-- owner: search
CREATE TABLE directory_room (
  room INTEGER PRIMARY KEY,
  is_open INTEGER NOT NULL
);

-- owner: search
CREATE TABLE search_progress (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) WITHOUT ROWID;
`

export const search = { id: 18, name: 'search', sql }
