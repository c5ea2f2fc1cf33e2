/** What pictures look like: perceptual hashes, for comparing them with those that feeds name. */

const sql = `
-- owner: media
CREATE TABLE media_picture (
  sha256 TEXT PRIMARY KEY,
  look TEXT NOT NULL
);
`

export const mediaPictures = { id: 36, name: 'media-pictures', sql }
