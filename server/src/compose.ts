/** The wiring: every component built once, in layer order. No logic, no setters. */

import { join } from 'node:path'
import { endpoints } from './api/index.ts'
import { type Clock, createHealth, createMetrics, type Logger } from './base/index.ts'
import {
  baseUrlOf,
  type Config,
  createDomains,
  openSigningKey,
  prepareDataFolder,
  readSockets,
  settleServerName,
} from './config/index.ts'
import { createFlows } from './flows/index.ts'
import { type Components, createListener, createOpenCalls, createRateLimiter, observeListener } from './http/index.ts'
import { createJournal } from './journal/index.ts'
import { createRooms, createRoomViews } from './rooms/index.ts'
import { createNames, createStore, type StoreOptions } from './store/index.ts'

export type ProgramOptions = {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  /** Told a sentence now and then while the start takes long. */
  readonly onProgress?: (sentence: string) => void
  /** Another store than the config names, for tests. */
  readonly store?: StoreOptions
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
  const domains = createDomains(new Map([[serverName, openSigningKey(config.dataDir, serverName)]]))
  const metrics = createMetrics()
  const health = createHealth()
  const store = await createStore(options.store ?? { ...placeOf(config), logger, onProgress })
  const names = createNames(store)
  const journal = await createJournal(store, { clock, logger })
  const rooms = await createRooms({ store, names, journal, clock, findSigner: domains.findSigner })
  const roomViews = createRoomViews({ rooms, names, journal, clock })
  const flows = createFlows({
    rooms,
    names,
    clock,
    findProfile: async () => undefined,
    isLocal: domains.isLocal,
    defaultRoomVersion: config.rooms.defaultVersion,
  })
  let port = config.listen.port
  const site = { baseUrl: () => baseUrlOf(config, port) }
  const components: Components = {
    config,
    domains,
    clock,
    logger,
    metrics,
    health,
    site,
    store,
    names,
    journal,
    rooms,
    roomViews,
    flows,
  }
  const openCalls = createOpenCalls()
  const listener = createListener(
    {
      components,
      logger,
      openCalls,
      limiter: createRateLimiter(clock, config.rateLimits.enabled ? config.rateLimits : undefined),
      findCaller: async () => ({ refused: 'unknown' }),
      bodyBytesMax: config.limits.bodyBytes,
      isTokenInQueryAllowed: config.compatibility.accessTokenInQuery,
      trustedProxies: new Set(config.listen.trustedProxies),
    },
    endpoints,
  )
  observeListener(metrics, listener.routes, openCalls)
  health.add('journal', () => journal.failedFollowers().join(', ') || undefined)
  return {
    components,
    async listen() {
      await journal.start()
      const opened = await listener.listen(readSockets(config))
      port = opened.port
      health.markReady(true)
      return opened
    },
    async close() {
      health.markReady(false)
      await listener.close()
      await journal.stop()
      await store.close()
    },
  }
}

function placeOf(config: Config): StoreOptions {
  const { url } = config.database
  if (url !== undefined) return { engine: 'postgres', url }
  return { engine: 'sqlite', path: join(config.dataDir, 'parallax.db') }
}
