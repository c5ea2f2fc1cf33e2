/** The index of messages: blocks, each in pages of terms that begin alike, with their postings. */

const sql = `
-- owner: search
CREATE TABLE search_page (
  block INTEGER NOT NULL,
  beginning TEXT NOT NULL,
  entries BLOB NOT NULL,
  PRIMARY KEY (block, beginning)
) WITHOUT ROWID;

-- owner: search
CREATE TABLE search_span (
  block INTEGER PRIMARY KEY,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL
);
`

export const messageSearch = { id: 20, name: 'message-search', sql }
