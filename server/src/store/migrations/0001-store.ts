/** Tables of the store itself and of the journal. */

const sql = `
-- owner: store
CREATE TABLE schema_version (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_ms INTEGER NOT NULL
);

-- owner: store
CREATE TABLE name (
  nid INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);

-- owner: journal
CREATE TABLE position_reserve (
  id INTEGER PRIMARY KEY,
  reserved INTEGER NOT NULL
);

-- owner: journal
CREATE TABLE journal (
  position INTEGER PRIMARY KEY,
  entry TEXT NOT NULL
);

-- owner: journal
CREATE TABLE journal_cursor (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) WITHOUT ROWID;

-- owner: journal
CREATE TABLE journal_mark (
  position INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL
);
`

export const store = { id: 1, name: 'store', sql }
