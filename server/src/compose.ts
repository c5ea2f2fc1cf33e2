/**
 * The wiring: every component built once, in layer order. No logic, no setters. Large folders are loaded while the
 * store opens in its own thread: that is a third of the start.
 */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseUserId } from '@parallax/protocol'
import type { Clock, Logger } from './base/index.ts'
import {
  baseUrlOf,
  type Config,
  createDomains,
  forgetRunning,
  listOldKeys,
  mailOf,
  openPolicyKey,
  openSigningKey,
  outgoingOf,
  policiesOf,
  prepareDataFolder,
  readSockets,
  registrationOf,
  settleDomains,
  settleServerName,
  writeRunning,
} from './config/index.ts'
import type { Components } from './http/index.ts'
import type { OpenOrigin } from './remote/index.ts'
import { createStore, type StoreOptions } from './store/index.ts'

export type ProgramOptions = {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  /** Told a sentence now and then while the start takes long. */
  readonly onProgress?: (sentence: string) => void
  /** Another store than the config names, for tests. */
  readonly store?: StoreOptions
  /** Another network than the machine's, for tests. */
  readonly openOrigin?: OpenOrigin | undefined
}

/** A server in this process. */
export interface Program {
  readonly components: Components
  /** Opens the sockets; resolves when requests are answered. */
  listen(): Promise<{ port: number; tlsPort: number | undefined }>
  /** Ends what is under way, then closes everything; resolves when all is on the disk. */
  close(): Promise<void>
}

/** Builds a server from its configuration; opens the store, but no socket. */
export async function compose(options: ProgramOptions): Promise<Program> {
  const { config, clock, logger, onProgress = () => {} } = options
  prepareDataFolder(config.dataDir)
  const serverName = settleServerName(config)
  const serverNames = settleDomains(config, serverName)
  const opening = createStore(options.store ?? { ...placeOf(config), logger, onProgress })
  const [folders, store] = await Promise.all([loadFolders(), opening])
  const {
    base,
    federation: fed,
    remote: o,
    users: u,
    devices: d,
    rooms: r,
    sync: s,
    flows: f,
    http,
    journal: j,
    mail: l,
    moderation: m,
    push: p,
    blobs: b,
    media: e,
    presence: w,
    search: q,
    reputation: v,
    policy: y,
  } = folders
  const domains = createDomains(
    new Map(serverNames.map((name) => [name, openSigningKey(config.dataDir, name)])),
    new Map(serverNames.map((name) => [name, listOldKeys(config.dataDir, name)])),
  )
  const metrics = base.createMetrics()
  const health = base.createHealth()
  const names = folders.store.createNames(store)
  const journal = await j.createJournal(store, { clock, logger })
  const shared = { store, names, journal, clock, logger }
  const outgoing = o.createOutgoingHttp({ clock, config: outgoingOf(config), openOrigin: options.openOrigin })
  const remote = await o.createRemote({ ...shared, domains, outgoing, config: config.federation })
  const identity = o.createIdentityServers({
    outgoing,
    findSigner: domains.findSigner,
    servers: config.identity.servers,
  })
  const sockets = { port: config.listen.port }
  const site = { baseUrl: () => baseUrlOf(config, sockets.port) }
  const mail = l.createMail(mailOf(config, serverName), logger)
  const reputation = v.createReputation({
    ...{ ...shared, outgoing, remote, metrics, randomBytes, ownServer: domains.first },
    config: config.reputation,
  })
  const users = u.createUsers({
    ...shared,
    randomBytes,
    mail,
    requireSafe: (thing) => reputation.requireSafeThings([thing]),
    links: { confirmEmail: (query) => `${site.baseUrl()}/_parallax/email?${new URLSearchParams(query)}` },
    config: {
      serverName,
      isLocal: domains.isLocal,
      reservedName: config.notices.localpart,
      registration: registrationOf(config),
      registrationEmail: config.registration.email,
      registrationSecret: config.registration.sharedSecret,
      termsPolicies: policiesOf(config),
      isGuestAllowed: config.registration.guests,
      isLoginTokenAllowed: config.sessions.loginTokens,
      accessTokenLifetimeMs: config.sessions.accessTokenLifetimeMs,
      refreshTokenLifetimeMs: config.sessions.refreshTokenLifetimeMs,
      passwordMemoryKib: config.passwords.memoryKib,
      passwordPasses: config.passwords.passes,
      passwordPolicy: config.passwords,
      httpGateways: config.push.httpGateways,
      isRateLimited: config.rateLimits.enabled,
    },
  })
  const devices = d.createDevices({
    ...shared,
    ...{ users, remote },
    ownServer: domains.first,
    isLocal: domains.isLocal,
    config: config.sessions,
  })
  const presence = await w.createPresence({ ...shared, isEnabled: config.presence.enabled })
  const policy = y.createPolicy({
    ...{ clock, logger, domains, calls: remote.calls },
    keys: new Map(
      config.policyServer.enabled ? serverNames.map((name) => [name, openPolicyKey(config.dataDir, name)]) : [],
    ),
    judge: y.judgeByLenses({ names, reputation }, y.judgeAlike(config.policyServer.decision)),
  })
  const rooms = await r.createRooms({
    ...{ ...shared, users, lenses: reputation, findSigner: domains.findSigner },
    requestPolicySignature: policy.requestSignature,
  })
  const ephemeral = r.createEphemeral(shared)
  const federation = await fed.createFederation({
    ...shared,
    ...{ rooms, ephemeral, users, devices, presence, remote, identity, policy, domains, metrics },
    describeRoom: (info) => f.describeRoom({ rooms }, info),
    omitsMembers: config.federation.fasterJoins,
  })
  const roomViews = r.createRoomViews({
    ...{ ...shared, rooms },
    fillHistory: federation.fillHistory,
    askByTime: federation.askByTime,
  })
  const pushes = r.createEventPushes({ rooms })
  const sync = s.createSync({ ...shared, rooms, ephemeral, pushes, users, devices, presence })
  const push = await p.createPush({ ...shared, rooms, ephemeral, pushes, users, outgoing, mail, serverName, metrics })
  const search = await q.createSearch({ ...shared, rooms, roomViews, users, isLocal: domains.isLocal })
  const blobs = b.createDiskBlobs(join(config.dataDir, 'media'))
  const media = e.createMedia({
    store,
    clock,
    logger,
    blobs,
    outgoing,
    reputation,
    isLocal: domains.isLocal,
    fetchRemote: e.createFetchRemote({
      ...shared,
      ...{ remote, outgoing, blobs },
      origin: serverName,
      bytesMax: config.media.uploadBytes,
    }),
    config: {
      uploadBytesMax: config.media.uploadBytes,
      userBytesMax: config.media.userBytes,
      areOldPathsOpen: config.media.oldPaths,
      arePreviewsOn: config.media.previews,
    },
  })
  const accounts = f.createAccountFlows({
    ...shared,
    ...{ users, devices, rooms, roomViews, presence, remote, identity, reputation },
    ownServer: domains.first,
    isLocal: domains.isLocal,
  })
  const moderation = m.createModeration({ ...shared, users, rooms, isLocal: domains.isLocal })
  const flowDeps = {
    ...shared,
    notices: moderation,
    noticesFrom: { ...config.notices, userId: parseUserId(`@${config.notices.localpart}:${serverName}`) },
    rooms,
    users,
    presence,
    findProfile: users.findProfile,
    remote,
    identity,
    federation,
    ownServer: domains.first,
    isLocal: domains.isLocal,
    defaultRoomVersion: config.rooms.defaultVersion,
  }
  const flows = f.createFlows(flowDeps)
  const oldSync = f.createOldSync({ ...shared, sync, rooms, roomViews, users })
  f.followTombstones(flowDeps, shared.journal)
  f.followRoomPolicies({ ...shared, rooms, reputation }, shared.journal)
  f.tellViews({ reputation, users, clock })
  const administration = f.createAdministration({ users, reputation, clock, serverName, baseUrl: site.baseUrl })
  const control = { token: randomBytes(24).toString('base64url') }
  const components: Components = {
    ...shared,
    config,
    domains,
    metrics,
    health,
    site,
    remote,
    mail,
    users,
    devices,
    rooms,
    ephemeral,
    roomViews,
    sync,
    push,
    search,
    reputation,
    media,
    flows,
    accounts,
    oldSync,
    viewpoint: f.createViewpoint({ rooms, names, reputation, clock }),
    administration,
    moderation,
    federation,
    policy,
    control,
  }
  const openCalls = http.createOpenCalls()
  const desk = {
    components,
    logger,
    openCalls,
    unverified: http.createUnverifiedBodies(),
    limiter: http.createRateLimiter(clock, config.rateLimits.enabled ? config.rateLimits : undefined),
    findCaller: users.findCaller,
    noteSeen: users.noteSeen,
    serverDoor: { remote, domains, nowMs: clock.nowMs },
    bodyBytesMax: config.limits.bodyBytes,
    isTokenInQueryAllowed: config.compatibility.accessTokenInQuery,
    trustedProxies: new Set(config.listen.trustedProxies),
  }
  const listener = http.createListener(desk, folders.api.endpoints)
  o.observeRemote(metrics, outgoing, remote)
  http.observeListener(metrics, listener.routes, desk)
  health.add('journal', () => journal.failedFollowers().join(', ') || undefined)
  return {
    components,
    async listen() {
      await journal.start()
      const opened = await listener.listen(readSockets(config))
      sockets.port = opened.port
      writeRunning(config.dataDir, {
        pid: process.pid,
        url: baseUrlOf({ listen: config.listen }, opened.port),
        ...control,
      })
      health.markReady(true)
      push.resume()
      federation.resume()
      search.resume()
      reputation.resume()
      return opened
    },
    async close() {
      if (health.isReady()) forgetRunning(config.dataDir)
      health.markReady(false)
      sync.close()
      await listener.close()
      await users.flush()
      media.close()
      await push.close()
      await search.close()
      await reputation.close()
      await presence.close()
      await mail.close()
      const inbox = federation.close()
      await outgoing.close()
      await inbox
      await devices.flushToDevice()
      await journal.stop()
      await store.close()
    },
  }
}

async function loadFolders() {
  const [
    api,
    base,
    blobs,
    devices,
    federation,
    flows,
    http,
    journal,
    mail,
    media,
    moderation,
    policy,
    presence,
    push,
    remote,
    reputation,
    rooms,
    search,
    store,
    sync,
    users,
  ] = await Promise.all([
    import('./api/index.ts'),
    import('./base/index.ts'),
    import('./blobs/index.ts'),
    import('./devices/index.ts'),
    import('./federation/index.ts'),
    import('./flows/index.ts'),
    import('./http/index.ts'),
    import('./journal/index.ts'),
    import('./mail/index.ts'),
    import('./media/index.ts'),
    import('./moderation/index.ts'),
    import('./policy/index.ts'),
    import('./presence/index.ts'),
    import('./push/index.ts'),
    import('./remote/index.ts'),
    import('./reputation/index.ts'),
    import('./rooms/index.ts'),
    import('./search/index.ts'),
    import('./store/index.ts'),
    import('./sync/index.ts'),
    import('./users/index.ts'),
  ])
  return {
    api,
    base,
    blobs,
    devices,
    federation,
    flows,
    http,
    journal,
    mail,
    media,
    moderation,
    policy,
    presence,
    push,
    remote,
    reputation,
    rooms,
    search,
    store,
    sync,
    users,
  }
}

/** Where the store of this configuration is. */
export function placeOf(config: Config): StoreOptions {
  const { url } = config.database
  if (url !== undefined) return { engine: 'postgres', url }
  return { engine: 'sqlite', path: join(config.dataDir, 'parallax.db') }
}

/** What looks at servers as others find them, without a server of its own. */
export async function composeExamine(config: Config) {
  const [remote, base] = await Promise.all([import('./remote/index.ts'), import('./base/index.ts')])
  const clock = base.createSystemClock()
  const http = remote.createOutgoingHttp({ clock, config: outgoingOf(config) })
  const deps = { http, clock, resolveSrv: remote.createSrvResolver() }
  type Given = Parameters<typeof remote.examineServer>
  return {
    examine: (server: Given[1], expected: Given[2], hasOtherClock: boolean) =>
      remote.examineServer(deps, server, expected, hasOtherClock),
    close: http.close,
  }
}
