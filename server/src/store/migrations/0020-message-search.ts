/** The index of messages: blocks, each with the postings of its terms. */

const sql = `
-- owner: search
CREATE TABLE search_block (
  block INTEGER NOT NULL,
  term TEXT NOT NULL,
  postings BLOB NOT NULL,
  PRIMARY KEY (block, term)
) WITHOUT ROWID;

-- owner: search
CREATE TABLE search_span (
  block INTEGER PRIMARY KEY,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL
);
`

export const messageSearch = { id: 20, name: 'message-search', sql }
