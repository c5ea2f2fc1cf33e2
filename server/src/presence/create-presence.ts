/** Builds the presence component. */

import { type Clock, type Logger, MatrixError } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Store } from '../store/index.ts'
import { createAnnouncer } from './announcer.ts'
import { presenceLimits } from './limits.ts'
import { type ConnectedDevice, createPerson, judge, type Person } from './person.ts'
import type { Presence, PresenceState, UserPresence } from './presence.ts'
import { listOnlineRows, listRows, removeRow } from './presence-table.ts'
import { createPeople, type People } from './told.ts'

export type PresenceDeps = {
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly logger: Logger
  readonly isEnabled: boolean
}

/** Nobody is online at first: who was when the server ended is told as gone. */
export async function createPresence(deps: PresenceDeps): Promise<Presence> {
  if (!deps.isEnabled) return noPresence
  const people = createPeople()
  const { store, journal, clock } = deps
  await restore(deps, people)
  const announcer = createAnnouncer({ ...deps, people })
  const unwatch = journal.watch((records) => {
    for (const { entry } of records) {
      if (entry.kind === 'session-ended') endDevices(entry.user, entry.device)
    }
  })

  function endDevices(user: number, device: string | null): void {
    const person = people.get(user)
    if (person === undefined) return
    if (device === null) person.devices.clear()
    else person.devices.delete(device)
    announcer.look(user)
  }

  function beActive(person: Person, device: ConnectedDevice): void {
    person.lastActiveMs = clock.nowMs()
    person.told.lastActiveMs = person.lastActiveMs
    device.wanted = 'online'
    const isToldSo = person.told.state === 'online' && person.told.isCurrentlyActive
    if (!isToldSo) announcer.look(person.user)
  }

  /** As the client says: coming online counts as being active, staying so does not. */
  function say(person: Person, device: ConnectedDevice, wanted: PresenceState): void {
    if (wanted === 'online' && device.wanted !== 'online') beActive(person, device)
    else if (wanted !== device.wanted) {
      device.wanted = wanted
      announcer.look(person.user)
    }
  }

  return {
    isEnabled: true,
    connect(user, id, wanted) {
      if (wanted === 'offline') return noEnd
      const person = people.open(user, createPerson)
      const device = openDevice(person, id, clock.nowMs())
      device.waiting++
      say(person, device, wanted)
      return () => {
        device.waiting--
        device.seenMs = clock.nowMs()
        announcer.lookAgain(person)
      }
    },
    noteActivity(user, id) {
      const person = people.get(user)
      const device = person?.devices.get(id)
      // Who is not connected, or does not want to be seen, is not seen.
      if (person === undefined || device === undefined || device.wanted === 'offline') return
      beActive(person, device)
    },
    set(user, id, { state, statusMessage }) {
      if (statusMessage && Buffer.byteLength(statusMessage) > presenceLimits.statusMessageBytesMax) {
        const { statusMessageBytesMax } = presenceLimits
        throw new MatrixError('M_INVALID_PARAM', `status_msg has at most ${statusMessageBytesMax} bytes.`)
      }
      const person = people.open(user, createPerson)
      const device = openDevice(person, id, clock.nowMs())
      device.seenMs = clock.nowMs()
      if (state === 'online') beActive(person, device)
      else say(person, device, state)
      if (statusMessage !== undefined) {
        person.statusMessage = statusMessage || undefined
        person.isMessageSet = true
      }
      announcer.look(user)
    },
    receive(user, told) {
      const person = people.open(user, createPerson)
      person.remote = { told, atMs: clock.nowMs() }
      person.lastActiveMs = told.lastActiveMs
      person.statusMessage = told.statusMessage
      person.isMessageSet = true
      announcer.look(user)
    },
    find: (user) => find(deps, people, user),
    findTold: (user) => people.get(user)?.told,
    listTold: people.listTold,
    lastPosition: people.lastPosition,
    async forget(user) {
      people.delete(user)
      await store.transact((tx) => removeRow(tx, user))
    },
    async close() {
      unwatch()
      await announcer.close()
    },
  }
}

const noEnd = (): void => {}

/** Who was last told to be there gets a change that says otherwise. */
async function restore({ store, journal }: PresenceDeps, people: People): Promise<void> {
  for (const { user, isOnline, lastActiveMs, statusMessage } of await listOnlineRows(store.reader)) {
    const person = people.open(user, createPerson)
    person.lastActiveMs = lastActiveMs
    person.statusMessage = statusMessage
    person.stored = { isOnline, statusMessage }
    person.told = {
      ...person.told,
      lastActiveMs,
      statusMessage,
      position: journal.announce({ kind: 'presence', user }),
    }
    people.noteTold(person)
  }
}

function openDevice({ devices }: Person, id: string, nowMs: number): ConnectedDevice {
  let device = devices.get(id)
  if (device === undefined) {
    device = { wanted: 'offline', waiting: 0, seenMs: nowMs }
    const oldest = devices.size >= presenceLimits.devicesPerUserMax ? devices.keys().next().value : undefined
    if (oldest !== undefined) devices.delete(oldest)
    devices.set(id, device)
  }
  return device
}

async function find({ store, clock }: PresenceDeps, people: People, user: number): Promise<UserPresence> {
  const person = people.get(user)
  if (person?.stored !== undefined) {
    const { state, isCurrentlyActive } = judge(person, clock.nowMs())
    const { lastActiveMs, statusMessage } = person
    return { ...person.told, state, isCurrentlyActive, lastActiveMs, statusMessage }
  }
  const [row] = await listRows(store.reader, [user])
  const { state, isCurrentlyActive } = judge(person ?? createPerson(user), clock.nowMs())
  return {
    user,
    state,
    isCurrentlyActive,
    lastActiveMs: person?.lastActiveMs ?? row?.lastActiveMs,
    statusMessage: person?.isMessageSet ? person.statusMessage : row?.statusMessage,
    position: person?.told.position ?? 0,
  }
}

/** Where presence is switched off. */
const noPresence: Presence = {
  isEnabled: false,
  connect: () => noEnd,
  noteActivity: () => {},
  set: () => {},
  receive: () => {},
  find: async (user) => createPerson(user).told,
  findTold: () => undefined,
  listTold: () => [],
  lastPosition: () => 0,
  forget: async () => {},
  close: async () => {},
}
