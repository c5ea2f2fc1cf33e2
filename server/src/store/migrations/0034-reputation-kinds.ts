/** Whether a feed names events or rooms at all is asked for each lens that is compiled. */

const sql = `
DROP INDEX reputation_said_form;
CREATE INDEX reputation_said_kind ON reputation_said (source, form, kind);
`

export const reputationKinds = { id: 34, name: 'reputation-kinds', sql }
