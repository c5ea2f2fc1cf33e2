/** From which other feeds followed feeds are derived, as far as this server follows those for them. */

const sql = `
-- owner: reputation
CREATE TABLE reputation_parent (
  source INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  PRIMARY KEY (source, parent)
);
CREATE INDEX reputation_parent_parent ON reputation_parent (parent);
`

export const reputationParents = { id: 39, name: 'reputation-parents', sql }
