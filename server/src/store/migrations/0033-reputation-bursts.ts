/** When each statement of a followed feed came, and until when it is believed less, because too many came at once. */

const sql = `
ALTER TABLE reputation_said ADD COLUMN heard_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reputation_said ADD COLUMN damped_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reputation_said_heard ON reputation_said (source, heard_ms);
`

export const reputationBursts = { id: 33, name: 'reputation-bursts', sql }
