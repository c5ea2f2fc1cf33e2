/** Tables of the devices component: keys, key backups, to-device messages, device lists. */

const sql = `
-- owner: devices
CREATE TABLE device_key (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  keys TEXT NOT NULL,
  PRIMARY KEY (user_number, device)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE one_time_key (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  issue INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (user_number, device, algorithm, issue)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE fallback_key (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  key_id TEXT NOT NULL,
  content TEXT NOT NULL,
  is_used INTEGER NOT NULL,
  PRIMARY KEY (user_number, device, algorithm)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE cross_signing_key (
  user_number INTEGER NOT NULL,
  usage TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (user_number, usage)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE key_signature (
  user_number INTEGER NOT NULL,
  target TEXT NOT NULL,
  signer INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  signature TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (user_number, target, signer, key_id)
) WITHOUT ROWID;
CREATE INDEX key_signature_signer ON key_signature (signer, position);

-- owner: devices
CREATE TABLE device_list (
  user_number INTEGER PRIMARY KEY,
  position INTEGER NOT NULL
);
CREATE INDEX device_list_position ON device_list (position);

-- owner: devices
CREATE TABLE to_device (
  position INTEGER PRIMARY KEY,
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  content TEXT NOT NULL
);
CREATE INDEX to_device_queue ON to_device (user_number, device, position);

-- owner: devices
CREATE TABLE to_device_transaction (
  user_number INTEGER NOT NULL,
  device TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (user_number, device, transaction_id)
) WITHOUT ROWID;
CREATE INDEX to_device_transaction_age ON to_device_transaction (at_ms);

-- owner: devices
CREATE TABLE key_backup (
  user_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  algorithm TEXT NOT NULL,
  auth TEXT NOT NULL,
  etag INTEGER NOT NULL,
  is_deleted INTEGER NOT NULL,
  PRIMARY KEY (user_number, version)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE key_backup_session (
  user_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  room_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  first_message_index INTEGER NOT NULL,
  forwarded_count INTEGER NOT NULL,
  is_verified INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (user_number, version, room_id, session_id)
) WITHOUT ROWID;

-- owner: devices
CREATE TABLE dehydrated_device (
  user_number INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  content TEXT NOT NULL
);
`

export const devices = { id: 3, name: 'devices', sql }
