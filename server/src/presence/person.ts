/** One user's devices and what follows from them. Pure. Spec: client-server-api#presence. */

import { presenceLimits } from './limits.ts'
import type { PresenceState, RemotePresence, UserPresence } from './presence.ts'

export type ConnectedDevice = {
  /** As the client last said. */
  wanted: PresenceState
  /** Requests that wait. */
  waiting: number
  /** When the last request ended, or the client last said something. */
  seenMs: number
}

export type Person = {
  readonly user: number
  readonly devices: Map<string, ConnectedDevice>
  lastActiveMs: number | undefined
  statusMessage: string | undefined
  /** The message was set since the server runs: what the store has of it is outdated. */
  isMessageSet: boolean
  /** Of users of other servers: what was told, and when. */
  remote: { readonly told: RemotePresence; readonly atMs: number } | undefined
  /** What others know; the time is that of the last activity. */
  told: UserPresence & { lastActiveMs: number | undefined }
  /** What the store knows; undefined: it was not asked yet. */
  stored: { isOnline: boolean; statusMessage: string | undefined } | undefined
}

/** What is so now, and when it changes if nothing happens. */
export type Judgement = {
  readonly state: PresenceState
  readonly isCurrentlyActive: boolean
  readonly untilMs: number
}

const offline: Judgement = { state: 'offline', isCurrentlyActive: false, untilMs: Number.POSITIVE_INFINITY }

export function createPerson(user: number): Person {
  const told = {
    user,
    state: 'offline' as const,
    statusMessage: undefined,
    lastActiveMs: undefined,
    isCurrentlyActive: false,
    position: 0,
  }
  return {
    user,
    devices: new Map(),
    lastActiveMs: undefined,
    statusMessage: undefined,
    isMessageSet: false,
    remote: undefined,
    told,
    stored: undefined,
  }
}

/** Online if a connected device says so and the user was active lately, else unavailable if one is connected. */
export function judge(person: Person, nowMs: number): Judgement {
  if (person.remote !== undefined) return judgeRemote(person.remote, nowMs)
  let connectedUntilMs = 0
  let isWanted = false
  for (const device of person.devices.values()) {
    const untilMs = connectedUntil(device)
    if (device.wanted === 'offline' || untilMs <= nowMs) continue
    connectedUntilMs = connectedUntilMs === 0 ? untilMs : Math.min(connectedUntilMs, untilMs)
    isWanted ||= device.wanted === 'online'
  }
  if (connectedUntilMs === 0) return offline
  const idleAtMs = (person.lastActiveMs ?? 0) + presenceLimits.idleMs
  if (!isWanted || idleAtMs <= nowMs) {
    return { state: 'unavailable', isCurrentlyActive: false, untilMs: connectedUntilMs }
  }
  const restsAtMs = (person.lastActiveMs ?? 0) + presenceLimits.activeMs
  const isCurrentlyActive = restsAtMs > nowMs
  const untilMs = Math.min(connectedUntilMs, isCurrentlyActive ? restsAtMs : idleAtMs)
  return { state: 'online', isCurrentlyActive, untilMs }
}

function judgeRemote({ told, atMs }: NonNullable<Person['remote']>, nowMs: number): Judgement {
  const untilMs = atMs + presenceLimits.remoteMs
  if (told.state === 'offline' || untilMs <= nowMs) return offline
  return { state: told.state, isCurrentlyActive: told.isCurrentlyActive, untilMs }
}

function connectedUntil({ waiting, seenMs }: ConnectedDevice): number {
  return waiting > 0 ? Number.POSITIVE_INFINITY : seenMs + presenceLimits.connectedMs
}

/** Drops devices that are long gone. */
export function dropGone({ devices }: Person, nowMs: number): void {
  for (const [id, device] of devices) if (connectedUntil(device) <= nowMs) devices.delete(id)
}

/** True if others have to hear of it. */
export function isNews({ told, statusMessage }: Person, { state, isCurrentlyActive }: Judgement): boolean {
  return told.state !== state || told.isCurrentlyActive !== isCurrentlyActive || told.statusMessage !== statusMessage
}

/** What the store does not know yet: who comes and goes, and what they say of themselves. */
export function isUnstored({ stored, statusMessage }: Person, { state }: Judgement): boolean {
  return stored?.isOnline !== (state !== 'offline') || stored?.statusMessage !== statusMessage
}
