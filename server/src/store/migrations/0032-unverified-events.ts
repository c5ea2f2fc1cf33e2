/** Events of other servers that came while the keys of their signers could not be had. */

const sql = `
ALTER TABLE inbox_event ADD COLUMN is_verified INTEGER NOT NULL DEFAULT 1;
`

export const unverifiedEvents = { id: 32, name: 'unverified-events', sql }
