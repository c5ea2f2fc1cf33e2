/** Servers of one process with one clock and a faulty network between them. */

import type { Logger } from '../../src/base/index.ts'
import { createFaultyNetwork, type FaultyNetwork } from './faulty-network.ts'
import { type InProcess, startInProcess, type TestUser } from './in-process.ts'
import { createTurnedClock, type TurnedClock } from './turned-clock.ts'

export type Place = {
  readonly name: string
  readonly server: InProcess
  readonly users: readonly TestUser[]
}

export type World = {
  readonly places: readonly Place[]
  readonly network: FaultyNetwork
  readonly clock: TurnedClock
  /** What the servers logged, in order; whoever reads it may empty it. */
  readonly logged: string[]
  close(): Promise<void>
}

/** Opens servers `s0.example:8448`, `s1.example:8448` and so on, each with so many users. */
export async function openWorld(serverCount: number, userCount: number): Promise<World> {
  const network = createFaultyNetwork()
  const clock = createTurnedClock()
  const logged: string[] = []
  const open = async (index: number): Promise<Place> => {
    const name = `s${index}.example:8448`
    const environment = { SERVER_NAME: name, HOMESERVER_FEDERATION: '1' }
    const parts = { clock, openOrigin: network.openFor(name), logger: loggerOf(name, logged) }
    const server = await startInProcess(environment, 'presence: { enabled: false }\n', parts)
    network.place(name, () => server.baseUrl)
    const users: TestUser[] = []
    for (let user = 0; user < userCount; user++) users.push(await server.register(`u${user}`))
    return { name, server, users }
  }
  const places = await Promise.all(Array.from({ length: serverCount }, (_, index) => open(index)))
  return {
    places,
    network,
    clock,
    logged,
    async close() {
      await Promise.all(places.map(({ server }) => server.close()))
    },
  }
}

/** Notes what a server says about its work with others; errors are shown at once. */
function loggerOf(name: string, logged: string[]): Logger {
  const note = ({ err, ...fields }: { err?: unknown }, message: string) => {
    logged.push(`${name}: ${message} ${JSON.stringify(fields)}${err instanceof Error ? ` ${err.message}` : ''}`)
  }
  return {
    debug: () => {},
    info: note,
    warn: note,
    error(fields, message) {
      note(fields, message)
      console.error(message, fields)
    },
  }
}
