/** Bodies that endpoints take, for those where a schema alone does not lead to one. */

import type { JsonObject } from '@parallax/protocol'

const alice = '@alice:test.example'
const key = { 'ed25519:uZBqN8sVfyvUzGYPyu3SCqpG4kFxbXkUsNwZ9O+j6R4': 'uZBqN8sVfyvUzGYPyu3SCqpG4kFxbXkUsNwZ9O+j6R4' }
const signed = { user_id: alice, keys: key, signatures: { [alice]: key } }
const session = {
  first_message_index: 0,
  forwarded_count: 0,
  is_verified: false,
  session_data: { ciphertext: 'x', mac: 'x', ephemeral: 'x' },
}

/** By the end of the path. */
export const sampleBodies: Readonly<Record<string, JsonObject>> = {
  '/createRoom': {
    name: 'Room',
    topic: 'Things',
    preset: 'public_chat',
    visibility: 'private',
    room_version: '11',
    room_alias_name: 'another',
    is_direct: false,
    invite: ['@root:test.example'],
    invite_3pid: [],
    creation_content: { type: 'm.space', 'm.federate': false },
    initial_state: [{ type: 'm.room.guest_access', state_key: '', content: { guest_access: 'can_join' } }],
    power_level_content_override: {
      users: { [alice]: 100 },
      events: { 'm.room.name': 50 },
      notifications: { room: 1 },
    },
  },
  '/login': {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'alice' },
    password: 'wrong',
    device_id: 'OTHER',
    initial_device_display_name: 'Other',
    refresh_token: true,
  },
  '/register': { username: 'carl', password: 'x', device_id: 'D', auth: { type: 'm.login.dummy' } },
  '/pushers/set': {
    app_id: 'app',
    pushkey: 'key',
    kind: 'http',
    app_display_name: 'App',
    device_display_name: 'Phone',
    profile_tag: 'x',
    lang: 'en',
    data: { url: 'https://push.example/_matrix/push/v1/notify' },
  },
  '/v3/search': {
    search_categories: {
      room_events: {
        search_term: 'x',
        keys: ['content.body'],
        filter: { limit: 5, rooms: ['!room'] },
        order_by: 'recent',
        event_context: { before_limit: 1, after_limit: 1, include_profile: true },
        include_state: true,
        groupings: { group_by: [{ key: 'room_id' }] },
      },
    },
  },
  '/user_directory/search': { search_term: 'x', limit: 5 },
  '/publicRooms': { limit: 5, filter: { generic_search_term: 'x', room_types: ['m.space'] } },
  '/keys/upload': {
    device_keys: { ...signed, device_id: 'DEVICE', algorithms: ['m.olm'] },
    one_time_keys: { 'signed_curve25519:A': { key: 'x', signatures: { [alice]: key } } },
    fallback_keys: { 'signed_curve25519:B': { key: 'x', fallback: true } },
  },
  '/keys/query': { device_keys: { [alice]: ['DEVICE'] }, timeout: 1 },
  '/keys/claim': { one_time_keys: { [alice]: { DEVICE: 'signed_curve25519' } }, timeout: 1 },
  '/keys/device_signing/upload': { master_key: { ...signed, usage: ['master'] } },
  '/keys/signatures/upload': { [alice]: { DEVICE: { ...signed, device_id: 'DEVICE' } } },
  '/sendToDevice/{eventType}/{txnId}': { messages: { [alice]: { '*': { body: 'x' } } } },
  '/room_keys/version': { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data: { public_key: 'x' } },
  '/room_keys/keys': { rooms: { '!room': { sessions: { session } } } },
  '/room_keys/keys/{roomId}': { sessions: { session } },
  '/room_keys/keys/{roomId}/{sessionId}': session,
  '/profile/{userId}/{keyName}': { displayname: 'Alice' },
  '/actions': { actions: ['notify', { set_tweak: 'sound', value: 'x' }] },
  '/pushrules/global/{kind}/{ruleId}': {
    actions: ['notify', { set_tweak: 'sound', value: 'x' }],
    conditions: [{ kind: 'event_match', key: 'content.body', pattern: 'x' }],
    pattern: 'x',
  },
  '/read_markers': { 'm.fully_read': '$event', 'm.read': '$event', 'm.read.private': '$event' },
  '/filter': {
    event_fields: ['content.body'],
    room: { rooms: ['!a'], timeline: { limit: 1, types: ['m.*'], contains_url: true }, state: { senders: [alice] } },
    presence: { not_types: ['*'] },
  },
  '/account_data/{type}': { ignored_users: { [alice]: {} } },
}

/** Content of state that means something to the server, by type. */
export const sampleStates: Readonly<Record<string, JsonObject>> = {
  'm.room.power_levels': {
    users: { [alice]: 100 },
    users_default: 0,
    events: { 'm.room.name': 50 },
    state_default: 50,
    notifications: { room: 50 },
    ban: 50,
  },
  'm.room.join_rules': { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: '!room' }] },
  'm.room.history_visibility': { history_visibility: 'shared' },
  'm.room.guest_access': { guest_access: 'can_join' },
  'm.room.canonical_alias': { alias: '#room:test.example', alt_aliases: ['#room:test.example'] },
  'm.room.server_acl': { allow: ['*'], deny: ['evil.example'], allow_ip_literals: true },
  'm.room.encryption': { algorithm: 'm.megolm.v1.aes-sha2', rotation_period_ms: 1 },
  'm.room.tombstone': { body: 'x', replacement_room: '!room' },
  'm.room.pinned_events': { pinned: ['$event'] },
  'm.room.name': { name: 'x' },
  'm.room.avatar': { url: 'mxc://test.example/x' },
  'm.room.third_party_invite': { display_name: 'x', key_validity_url: 'x', public_key: 'x' },
  'm.room.create': { room_version: '12' },
  'm.room.member': { membership: 'join', displayname: 'x', join_authorised_via_users_server: alice },
}
