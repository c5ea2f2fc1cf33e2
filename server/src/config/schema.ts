/**
 * Every setting: its type, default, unit and meaning. One description feeds the loader, the environment variables,
 * `parallax config show`, `parallax generate-config` and the type `Config`.
 */

import { type Static, Type } from 'typebox'

type Notes = { readonly description: string; readonly variable?: string; readonly secret?: true }

function text<const Default extends string>(fallback: Default, notes: Notes) {
  return Type.String({ default: fallback, ...notes })
}

function optionalText(notes: Notes) {
  return Type.Optional(Type.String(notes))
}

function flag(fallback: boolean, notes: Notes) {
  return Type.Boolean({ default: fallback, ...notes })
}

function port(fallback: number, notes: Notes) {
  return Type.Integer({ default: fallback, minimum: 0, maximum: 65_535, ...notes })
}

function bucket(perSecond: number, burst: number) {
  return Type.Object({
    perSecond: Type.Number({ default: perSecond, minimum: 0.001, description: 'Calls per second in the long run.' }),
    burst: Type.Integer({ default: burst, minimum: 1, description: 'Calls at once.' }),
  })
}

function names(description: string) {
  return Type.Array(Type.String(), { default: [], description })
}

const listen = Type.Object({
  address: text('127.0.0.1', {
    description: 'Address to listen on. The default is reached from this machine only.',
    variable: 'HOMESERVER_BIND_ADDRESS',
  }),
  port: port(8008, { description: 'Port of plain HTTP.', variable: 'HOMESERVER_HTTP_PORT' }),
  tlsPort: port(8448, {
    description: 'Port of TLS; used only if a certificate is given.',
    variable: 'HOMESERVER_HTTPS_PORT',
  }),
  tlsCertificate: optionalText({ description: 'PEM file of the certificate chain.', variable: 'HOMESERVER_TLS_CERT' }),
  tlsKey: optionalText({ description: 'PEM file of the private key.', variable: 'HOMESERVER_TLS_KEY' }),
  trustedProxies: Type.Array(Type.String(), {
    default: [],
    description: 'Addresses of reverse proxies whose X-Forwarded-For is believed.',
  }),
})

const policy = Type.Object({
  id: Type.String(),
  version: Type.String(),
  language: Type.String(),
  name: Type.String(),
  url: Type.String(),
})

const registration = Type.Object({
  open: flag(false, {
    description: 'Anyone may make an account. Open servers are found and abused within days.',
    variable: 'HOMESERVER_OPEN_REGISTRATION',
  }),
  tokens: flag(false, { description: 'Who has a registration token may make an account.' }),
  guests: flag(false, { description: 'Guests may register.', variable: 'HOMESERVER_GUESTS' }),
  sharedSecret: optionalText({
    description: 'Enables /_synapse/admin/v1/register for those who know this secret.',
    variable: 'HOMESERVER_REGISTRATION_SECRET',
    secret: true,
  }),
  email: Type.Union([Type.Literal('off'), Type.Literal('optional'), Type.Literal('required')], {
    default: 'optional',
    description: 'Whether new users give an e-mail address; needs mail.',
  }),
  policies: Type.Array(policy, {
    default: [],
    description: 'Texts that new users agree to: id, version, language, name and url of each.',
  }),
})

const mail = Type.Object({
  host: optionalText({ description: 'SMTP server; without it no e-mail is sent.', variable: 'HOMESERVER_SMTP_HOST' }),
  port: port(587, { description: 'Port of the SMTP server.', variable: 'HOMESERVER_SMTP_PORT' }),
  tls: Type.Optional(
    Type.Union([Type.Literal('starttls'), Type.Literal('implicit'), Type.Literal('none')], {
      description:
        'starttls, implicit (TLS from the first byte) or none. Without it none for a server on this machine, \
implicit for port 465, otherwise starttls.',
      variable: 'HOMESERVER_SMTP_TLS',
    }),
  ),
  username: optionalText({ description: 'Name for the SMTP server.', variable: 'HOMESERVER_SMTP_USERNAME' }),
  password: optionalText({ description: 'Its password.', variable: 'HOMESERVER_SMTP_PASSWORD', secret: true }),
  from: optionalText({
    description: 'Sender: "Name <address>" or an address. Without it noreply at the server name.',
    variable: 'HOMESERVER_SMTP_FROM',
  }),
})

const sessions = Type.Object({
  accessTokenLifetimeMs: Type.Integer({
    default: 300_000,
    minimum: 10_000,
    description: 'How long an access token of a client that can refresh it is valid.',
  }),
  refreshTokenLifetimeMs: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'How long a refresh token is valid; 0: until the device is logged out.',
  }),
  loginTokens: flag(false, {
    description: 'A logged-in device may log another one in with a token (/login/get_token).',
  }),
  dehydratedDevices: flag(false, { description: 'Dehydrated devices (MSC3814, not yet in the specification).' }),
})

const passwords = Type.Object({
  memoryKib: Type.Integer({
    default: 19_456,
    minimum: 8,
    description: 'Memory of one password hash (argon2id), in KiB.',
  }),
  passes: Type.Integer({ default: 2, minimum: 1, description: 'Passes of one password hash.' }),
  lengthMin: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 1_000,
    description: 'Fewest characters of a password that a user chooses.',
  }),
  required: Type.Array(
    Type.Union([Type.Literal('digit'), Type.Literal('symbol'), Type.Literal('lowercase'), Type.Literal('uppercase')]),
    { default: [], description: 'What a password must hold: digit, symbol, lowercase, uppercase.' },
  ),
})

const rateLimits = Type.Object({
  enabled: flag(true, { description: 'Limit how often users may call.', variable: 'HOMESERVER_RATE_LIMITS' }),
  default: bucket(20, 100),
  send: bucket(10, 50),
  sync: bucket(20, 100),
  login: bucket(0.2, 10),
  register: bucket(0.2, 10),
  join: bucket(1, 20),
  invite: bucket(0.5, 20),
  keys: bucket(20, 100),
  media: bucket(10, 100),
  federation: bucket(200, 1000),
})

const contact = Type.Object({
  role: Type.String(),
  matrix_id: Type.Optional(Type.String()),
  email_address: Type.Optional(Type.String()),
})

/** All settings. */
export const configSchema = Type.Object({
  serverName: optionalText({
    description: 'What follows the colon in user IDs. It can never be changed once the first account is made.',
    variable: 'SERVER_NAME',
  }),
  domains: names(
    'More domains whose users live here, each with a signing key of its own. One can be added, never taken away. ' +
      'Their users register and log in with whole user IDs, such as @ann:other.example.',
  ),
  dataDir: text('./data', {
    description: 'Folder of everything that must survive a restart: database, keys, media.',
    variable: 'HOMESERVER_DATA_DIR',
  }),
  publicBaseUrl: optionalText({
    description: 'Base URL that clients are told; by default the address that is listened on.',
    variable: 'HOMESERVER_PUBLIC_BASEURL',
  }),
  listen,
  database: Type.Object({
    url: optionalText({
      description: 'postgres://user:password@host:port/database; without it SQLite in the data folder.',
      variable: 'HOMESERVER_DATABASE_URL',
      secret: true,
    }),
  }),
  journal: Type.Object({
    natsUrl: optionalText({
      description: 'nats://host:port for many machines; without it the embedded journal.',
      variable: 'HOMESERVER_NATS_URL',
      secret: true,
    }),
  }),
  registration,
  mail,
  sessions,
  passwords,
  rooms: Type.Object({
    defaultVersion: text('12', {
      description: 'Version of new rooms that name none.',
      variable: 'HOMESERVER_ROOM_VERSION',
    }),
  }),
  rateLimits,
  presence: Type.Object({
    enabled: flag(true, {
      description: 'Tell users who share a room whether others are online, idle or away.',
      variable: 'HOMESERVER_PRESENCE',
    }),
  }),
  reputation: Type.Object({
    publishing: Type.Union([Type.Literal('nobody'), Type.Literal('admins'), Type.Literal('users')], {
      default: 'admins',
      description: 'Who may publish feeds of opinions that anyone can read. Who publishes answers for what is said.',
    }),
    gossip: flag(true, {
      description:
        'Compare with other servers how far each knows which feeds, so that none can tell them different things.',
    }),
    httpSources: names(
      'Feeds of other servers that may be read without TLS, as http://10.0.0.5:8008; others need https.',
    ),
    refuse: names(
      'What this server refuses at its edges, beside its lens: user @a:b.example, server b.example, room !c.',
    ),
  }),
  notices: Type.Object({
    localpart: Type.String({
      default: '_server',
      pattern: '^[a-z0-9._=/+-]{1,100}$',
      description: 'Name of the user that messages of this server come from.',
    }),
    displayName: text('Server notices', { description: 'Display name of that user.' }),
    roomName: text('Server notices', { description: 'Name of the rooms in which users get them.' }),
  }),
  outgoing: Type.Object({
    allowPrivateNetworks: flag(false, {
      description: 'Requests of this server may reach loopback and private addresses.',
      variable: 'HOMESERVER_ALLOW_PRIVATE_NETWORKS',
    }),
    allowRanges: names('Addresses that requests of this server may reach though they are private, as 10.1.0.0/16.'),
    denyRanges: names('Addresses that requests of this server must never reach; stronger than what is allowed.'),
    caCertificate: optionalText({
      description: 'PEM file of one more authority to trust for outgoing TLS.',
      variable: 'HOMESERVER_CA_CERT',
    }),
  }),
  push: Type.Object({
    httpGateways: Type.Array(Type.String(), {
      default: [],
      description: 'Push gateways that may be reached without TLS, as http://10.0.0.5:5000; all others need https.',
    }),
  }),
  federation: Type.Object({
    enabled: flag(false, { description: 'Talk to other servers.', variable: 'HOMESERVER_FEDERATION' }),
    allow: names('Servers to talk to, * and ? stand for any characters; empty: all that are not denied.'),
    deny: names('Servers never to talk to, * and ? stand for any characters.'),
    fasterJoins: flag(false, {
      description: 'Join rooms of other servers without waiting for all of their members, who are fetched afterwards.',
      variable: 'HOMESERVER_FASTER_JOINS',
    }),
    notaries: names('Servers that are asked for the signing keys of servers that do not answer themselves.'),
  }),
  policyServer: Type.Object({
    enabled: flag(false, {
      description: 'Be a policy server: sign events for the rooms that name this server in m.room.policy.',
    }),
    decision: Type.Union([Type.Literal('allow'), Type.Literal('refuse')], {
      default: 'allow',
      description: 'What a policy server decides on each event.',
    }),
  }),
  identity: Type.Object({
    servers: names(
      'Identity servers (host or host:port) with which users may find, invite and publish e-mail addresses; none: ' +
        'off. Clients are told of the first. To be told of invites taken up elsewhere, federation must be on.',
    ),
  }),
  appservices: Type.Object({
    folder: optionalText({
      description: 'Folder of registration files of application services (*.yaml).',
      variable: 'HOMESERVER_APPSERVICE_DIR',
    }),
  }),
  media: Type.Object({
    uploadBytes: Type.Integer({
      default: 52_428_800,
      minimum: 1_024,
      maximum: 2_147_483_648,
      description: 'Largest file that may be uploaded, in bytes.',
    }),
    userBytes: Type.Integer({
      default: 0,
      minimum: 0,
      description: 'All files of one user together, in bytes; 0: no bound.',
    }),
    oldPaths: flag(false, {
      description:
        'Answer downloads at /_matrix/media/, where anybody may fetch any file without an account. The specification ' +
        'froze these paths; only old clients need them.',
      variable: 'HOMESERVER_OLD_MEDIA_PATHS',
    }),
    previews: flag(true, { description: 'Make previews of links, for which this server asks other sites.' }),
  }),
  turn: Type.Object({
    uris: Type.Array(Type.String(), { default: [], description: 'turn: or turns: URIs of a TURN server, for calls.' }),
    sharedSecret: optionalText({
      description: 'Secret that the TURN server shares (static-auth-secret of coturn).',
      secret: true,
    }),
    username: optionalText({ description: 'Without a shared secret: the name for everyone.' }),
    password: optionalText({ description: 'Without a shared secret: the password for everyone.', secret: true }),
    lifetimeMs: Type.Integer({
      default: 86_400_000,
      minimum: 60_000,
      description: 'How long credentials for the TURN server are valid.',
    }),
  }),
  wellKnown: Type.Object({
    server: optionalText({ description: 'host:port that /.well-known/matrix/server names, for delegation.' }),
  }),
  support: Type.Object({
    contacts: Type.Array(contact, {
      default: [],
      description: 'People to turn to: role, and matrix_id or email_address.',
    }),
    page: optionalText({ description: 'URL of a page with help for users.' }),
  }),
  limits: Type.Object({
    bodyBytes: Type.Integer({
      default: 2_097_152,
      minimum: 65_536,
      maximum: 67_108_864,
      description: 'Largest JSON body, in bytes.',
    }),
  }),
  compatibility: Type.Object({
    accessTokenInQuery: flag(true, {
      description:
        'Accept ?access_token=, which the specification dropped in v1.19 (it ends up in the logs of proxies) but ' +
        'which clients such as matrix-nio still send.',
    }),
  }),
  log: Type.Object({
    level: Type.Union(
      ['error', 'warn', 'info', 'debug'].map((level) => Type.Literal(level as 'error' | 'warn' | 'info' | 'debug')),
      { default: 'info', description: 'What is logged.', variable: 'HOMESERVER_LOG_LEVEL' },
    ),
    format: Type.Union(
      ['auto', 'json', 'pretty'].map((format) => Type.Literal(format as 'auto' | 'json' | 'pretty')),
      { default: 'auto', description: 'json: a line of JSON each; pretty: for people; auto: pretty on a terminal.' },
    ),
  }),
})

export type Config = Static<typeof configSchema>
