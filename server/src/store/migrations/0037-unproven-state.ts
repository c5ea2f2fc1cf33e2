/** Servers whose events are left out of a room's state because their keys could not be had when it was told. */

const sql = `
ALTER TABLE partial_room ADD COLUMN unproven TEXT NOT NULL DEFAULT '[]';
`

export const unprovenState = { id: 37, name: 'unproven-state', sql }
