/** The tables of the media component: what was uploaded or fetched, and thumbnails. */

const sql = `
-- owner: media
CREATE TABLE media (
  origin TEXT NOT NULL,
  media_id TEXT NOT NULL,
  owner INTEGER,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  sha256 TEXT,
  bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  file_name TEXT,
  quarantined INTEGER NOT NULL,
  PRIMARY KEY (origin, media_id)
);
CREATE INDEX media_owner ON media (owner, expires_ms);
CREATE INDEX media_sha256 ON media (sha256);
CREATE INDEX media_expires ON media (expires_ms);

-- owner: media
CREATE TABLE media_thumbnail (
  source TEXT NOT NULL,
  variant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  PRIMARY KEY (source, variant)
);
CREATE INDEX media_thumbnail_sha256 ON media_thumbnail (sha256);

-- owner: media
CREATE TABLE url_preview (
  url TEXT PRIMARY KEY,
  fetched_ms INTEGER NOT NULL,
  preview TEXT NOT NULL
);
CREATE INDEX url_preview_fetched ON url_preview (fetched_ms);
`

export const media = { id: 11, name: 'media', sql }
