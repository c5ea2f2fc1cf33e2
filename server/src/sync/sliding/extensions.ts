/** What a reply has beside rooms. Spec: msc4186#extensions; msc3885, msc3884, msc3959, msc3960, msc3961. */

import type { KnownRoom } from '../../rooms/index.ts'
import { roomChange } from '../changes.ts'
import { compileFilter } from '../filter.ts'
import { readAccountData } from '../streams/account-data.ts'
import { noDeviceLists, readDeviceLists } from '../streams/device-lists.ts'
import type { KeyCountStream } from '../streams/key-counts.ts'
import { listReceiptContents } from '../streams/receipts.ts'
import { readThreads } from '../streams/threads.ts'
import { readTyping } from '../streams/typing.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Transitions } from '../transitions.ts'
import type { RoomVisit, SyncView } from '../view.ts'
import type { Connection } from './connection.ts'
import type { WantedRooms } from './list-rooms.ts'
import { findKnownRoom } from './room-order.ts'
import { type ExtensionRequests, type ExtensionScope, threadsExtension } from './sliding-request.ts'

/** Bits of a `pos`: the client was told of them from their beginning. */
const bits = { accountData: 1, receipts: 2, typing: 4, e2ee: 8, threads: 16 } as const

export type ExtensionsPlace = {
  readonly connection: Connection
  readonly wanted: WantedRooms
  readonly asked: ExtensionRequests
  /** Bits of the client's `pos`. */
  readonly known: number
  /** Rooms that this reply tells of for the first time. */
  readonly newRooms: ReadonlySet<number>
}

export type ExtensionsPart = {
  /** JSON text of an object. */
  readonly text: string
  readonly isEmpty: boolean
  readonly bits: number
}

type ExtensionDeps = SyncDeps & { readonly keyCounts: KeyCountStream; readonly transitions: Transitions }

type Extension = { readonly name: string; readonly text: string; readonly isEmpty: boolean }

export async function readExtensions(
  deps: ExtensionDeps,
  view: SyncView,
  place: ExtensionsPlace,
): Promise<ExtensionsPart> {
  const { asked } = place
  const parts: Extension[] = []
  if (asked.toDevice !== undefined) parts.push(await readToDevice(deps, view, asked.toDevice))
  if (asked.isE2eeWanted) parts.push(await readE2ee(deps, view, place))
  if (asked.accountData !== undefined) parts.push(await readAccount(deps, view, place, asked.accountData.scope))
  if (asked.receipts !== undefined) parts.push(await readReceipts(deps, view, place, asked.receipts.scope))
  if (asked.typing !== undefined) parts.push(await readTypers(deps, view, place, asked.typing.scope))
  if (asked.threads !== undefined) parts.push(await readFollowed(deps, view, place, asked.threads.limit))
  const told =
    (asked.accountData ? bits.accountData : 0) +
    (asked.receipts ? bits.receipts : 0) +
    (asked.typing ? bits.typing : 0) +
    (asked.isE2eeWanted ? bits.e2ee : 0) +
    (asked.threads ? bits.threads : 0)
  const shown = parts.filter((part) => part.text !== '')
  return {
    text: `{${shown.map(({ name, text }) => `"${name}":${text}`).join(',')}}`,
    isEmpty: parts.every((part) => part.isEmpty),
    bits: told,
  }
}

/** Its own token says what the device has: that is removed. */
async function readToDevice(
  { devices }: ExtensionDeps,
  { caller, upto }: SyncView,
  { since, limit }: { since: number; limit: number },
): Promise<Extension> {
  const name = 'to_device'
  if (caller.deviceId === undefined) return { name, text: `{"next_batch":"${upto}","events":[]}`, isEmpty: true }
  const { user, deviceId } = caller
  if (since > 0) await devices.dropToDevice(user, deviceId, Math.min(since, upto))
  const messages = since >= upto ? [] : await devices.listToDevice(user, deviceId, since, upto, limit)
  const next = messages.length === limit ? messages.at(-1)!.position : Math.max(upto, since)
  const texts = messages.map((message) => message.text)
  return { name, text: `{"next_batch":"${next}","events":[${texts.join(',')}]}`, isEmpty: messages.length === 0 }
}

async function readE2ee(deps: ExtensionDeps, view: SyncView, { known }: ExtensionsPlace): Promise<Extension> {
  const { caller, changes, memberships } = view
  const isKnown = changes !== undefined && (known & bits.e2ee) !== 0
  const viewer = { user: caller.user, memberships }
  const lists = isKnown ? await readDeviceLists(deps, viewer, changes) : noDeviceLists
  const hasLists = lists.changed.length > 0 || lists.left.length > 0
  const counts = await deps.keyCounts.read(caller)
  const parts = [
    ...(hasLists ? [`"device_lists":${JSON.stringify({ changed: lists.changed, left: lists.left })}`] : []),
    ...(counts === '' ? [] : [counts]),
  ]
  return { name: 'e2ee', text: `{${parts.join(',')}}`, isEmpty: !hasLists && isKnown && !changes.hasKeys }
}

async function readAccount(
  deps: ExtensionDeps,
  view: SyncView,
  place: ExtensionsPlace,
  scope: ExtensionScope,
): Promise<Extension> {
  const isKnown = (place.known & bits.accountData) !== 0
  const from: SyncView = isKnown ? view : { ...view, since: undefined, changes: undefined }
  const global = await readAccountData(deps, from)
  const { since = 0 } = from
  const changed = from.changes?.hasAccountData === false ? [] : await listChanged(deps, view, since)
  const inScope = compileScope(place, scope)
  const texts = new Map<number, string[]>()
  for (const [room, list] of changed) {
    // What a new room has comes whole below.
    if (inScope(room) && place.connection.rooms.has(room) && !place.newRooms.has(room)) texts.set(room, list)
  }
  if (place.newRooms.size > 0) {
    for (const [room, list] of await listChanged(deps, view, 0)) {
      if (place.newRooms.has(room) && inScope(room)) texts.set(room, list)
    }
  }
  const rooms = await byRoomId(deps, texts, (list) => `[${list.join(',')}]`)
  const parts = [`"global":[${global.join(',')}]`, `"rooms":{${rooms.join(',')}}`]
  return { name: 'account_data', text: `{${parts.join(',')}}`, isEmpty: global.length + rooms.length === 0 }
}

async function listChanged({ users }: ExtensionDeps, { caller, upto }: SyncView, since: number) {
  const rows = await users.listRoomAccountData(caller.user, since, upto)
  return [...rows].map(([room, list]): [number, string[]] => [
    room,
    list.map((row) => `{"type":${JSON.stringify(row.type)},"content":${row.content}}`),
  ])
}

async function readReceipts(
  deps: ExtensionDeps,
  view: SyncView,
  place: ExtensionsPlace,
  scope: ExtensionScope,
): Promise<Extension> {
  const visits = await listVisits(deps, view, place, { scope, bit: bits.receipts, change: roomChange.receipt })
  const contents = await listReceiptContents(deps, view, visits)
  const texts = await byRoomId(deps, contents, (content) => `{"type":"m.receipt","content":${content}}`)
  return { name: 'receipts', text: `{"rooms":{${texts.join(',')}}}`, isEmpty: texts.length === 0 }
}

async function readTypers(
  deps: ExtensionDeps,
  view: SyncView,
  place: ExtensionsPlace,
  scope: ExtensionScope,
): Promise<Extension> {
  const texts = new Map<number, string>()
  for (const visit of await listVisits(deps, view, place, { scope, bit: bits.typing, change: roomChange.typing })) {
    const text = await readTyping(deps, view, visit)
    if (text !== undefined) texts.set(visit.info.room, text)
  }
  const rooms = await byRoomId(deps, texts, (text) => text)
  return { name: 'typing', text: `{"rooms":{${rooms.join(',')}}}`, isEmpty: rooms.length === 0 }
}

async function readFollowed(
  deps: ExtensionDeps,
  { caller, changes, since = 0, upto }: SyncView,
  { known }: ExtensionsPlace,
  limit: number,
): Promise<Extension> {
  const isKnown = changes !== undefined && (known & bits.threads) !== 0
  const nothing = { name: threadsExtension, text: '', isEmpty: true }
  if (isKnown && !changes.hasThreads) return nothing
  const range = { after: isKnown ? since : 0, upTo: upto, limit }
  const { more, ...told } = await readThreads(deps, caller.user, range)
  if (Object.keys(told).length === 0) return nothing
  const text = JSON.stringify({ ...told, ...(more !== undefined && { prev_batch: more }) })
  return { name: threadsExtension, text, isEmpty: false }
}

/** Joined rooms that the connection knows: new ones whole, others if they changed. */
async function listVisits(
  deps: ExtensionDeps,
  { memberships, changes, since, upto }: SyncView,
  { connection, wanted, newRooms, known }: ExtensionsPlace,
  { scope, bit, change }: { scope: ExtensionScope; bit: number; change: number },
): Promise<RoomVisit[]> {
  const inScope = compileScope({ wanted }, scope)
  const isKnown = (known & bit) !== 0
  const rooms = isKnown ? new Set([...newRooms, ...(changes?.rooms.keys() ?? [])]) : allKnown(connection, newRooms)
  const visits: RoomVisit[] = []
  for (const room of rooms) {
    const member = memberships.get(room)
    const isNew = newRooms.has(room) || !isKnown
    const kinds = changes?.rooms.get(room) ?? 0
    const mayTell = isNew || (connection.rooms.has(room) && (kinds & change) !== 0)
    if (!mayTell || member?.membership !== 'join' || !inScope(room)) continue
    const info = await findKnownRoom(deps, room)
    if (info === undefined) continue
    const after = isNew ? undefined : since
    visits.push({ info, place: member, kinds, isNew, isWhole: isNew, isOutside: false, after, until: upto })
  }
  return visits
}

function allKnown(connection: Connection, newRooms: ReadonlySet<number>): Set<number> {
  return new Set([...connection.rooms.keys(), ...newRooms])
}

function compileScope({ wanted }: Pick<ExtensionsPlace, 'wanted'>, scope: ExtensionScope): (room: number) => boolean {
  if (scope === undefined || (scope.lists.includes('*') && scope.rooms.includes('*'))) return () => true
  const rooms = new Set<number>()
  const lists = scope.lists.includes('*') ? [...wanted.listed.keys()] : scope.lists
  for (const list of lists) for (const room of wanted.listed.get(list) ?? []) rooms.add(room)
  const named = new Set(scope.rooms)
  return (room) => rooms.has(room) || (wanted.subscribed.has(room) && (named.has('*') || hasName(wanted, room, named)))
}

function hasName({ names }: WantedRooms, room: number, named: ReadonlySet<string>): boolean {
  return named.has(names.get(room) ?? '')
}

async function byRoomId<T>(deps: ExtensionDeps, values: ReadonlyMap<number, T>, text: (value: T) => string) {
  const entries: string[] = []
  for (const [room, value] of values) {
    const info: KnownRoom | undefined = await findKnownRoom(deps, room)
    if (info !== undefined) entries.push(`${JSON.stringify(info.roomId)}:${text(value)}`)
  }
  return entries
}

/** Lets everything through: sliding sync has no filters of events. */
export const everything = compileFilter({}, 0)
