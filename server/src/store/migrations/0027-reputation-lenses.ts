/** The tables of lenses: how users weigh what they follow, and which one they look through. */

const sql = `
-- owner: reputation
CREATE TABLE reputation_lens (
  user_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (user_number, name)
);

-- owner: reputation
CREATE TABLE reputation_choice (
  user_number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  before TEXT NOT NULL
);
`

export const reputationLenses = { id: 27, name: 'reputation-lenses', sql }
