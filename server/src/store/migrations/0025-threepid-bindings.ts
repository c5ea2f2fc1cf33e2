/** Which addresses identity servers were told of for users of this server. */

const sql = `
-- owner: users
CREATE TABLE threepid_binding (
  user_number INTEGER NOT NULL,
  medium TEXT NOT NULL,
  address TEXT NOT NULL,
  id_server TEXT NOT NULL,
  PRIMARY KEY (user_number, medium, address, id_server)
);
`

export const threepidBindings = { id: 25, name: 'threepid-bindings', sql }
