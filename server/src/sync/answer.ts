/** A reply of /sync for one span of positions, spliced from stored texts. */

import { type StoredEvent, syncTokenOf } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'
import { createRenderer } from './render.ts'
import {
  eventsText,
  isPlanEmpty,
  joinedText,
  leftText,
  planJoined,
  planLeft,
  type RoomPartDeps,
  type RoomPlan,
} from './room-part.ts'
import { readAccountData, readRoomAccountData } from './streams/account-data.ts'
import { noDeviceLists, readDeviceLists } from './streams/device-lists.ts'
import { isInviteHidden, type StrippedStates, strippedSectionText } from './streams/invites.ts'
import type { KeyCountStream } from './streams/key-counts.ts'
import { type PresencePart, readPresence } from './streams/presence.ts'
import { readReceipts } from './streams/receipts.ts'
import type { ToDevicePart, ToDeviceStream } from './streams/to-device.ts'
import type { DeviceListChanges } from './sync.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { Transitions } from './transitions.ts'
import type { SyncView } from './view.ts'
import { listVisits, type Visits } from './visits.ts'

export type AnswerDeps = RoomPartDeps & {
  readonly stripped: StrippedStates
  readonly toDevice: ToDeviceStream
  readonly keyCounts: KeyCountStream
  readonly transitions: Transitions
}

export type SyncAnswer = { readonly text: string; readonly isEmpty: boolean }

/** Everything new for the device in the view's span. */
export async function answer(deps: AnswerDeps, view: SyncView): Promise<SyncAnswer> {
  const rooms = await readRooms(deps, view)
  const accountData = await readAccountData(deps, view)
  const toDevice = await deps.toDevice.read(view)
  const lists = view.changes === undefined ? noDeviceLists : await readDeviceLists(deps, viewerOf(view), view.changes)
  const hasLists = lists.changed.length > 0 || lists.left.length > 0
  const presence = await readPresence(deps, view)
  const told = [rooms, accountData, toDevice.texts, presence.texts]
  const isEmpty = told.every(({ length }) => length === 0) && !hasLists && !view.changes?.hasKeys
  const parts = [
    `"next_batch":"${syncTokenOf({ position: view.upto, toDevice: toDevice.upto, presence: presence.upto })}"`,
    ...(accountData.length === 0 ? [] : [`"account_data":${eventsText(accountData)}`]),
    ...(toDevice.texts.length === 0 ? [] : [`"to_device":${eventsText(toDevice.texts)}`]),
    ...(presence.texts.length === 0 ? [] : [`"presence":${eventsText(presence.texts)}`]),
    ...(hasLists ? [`"device_lists":${deviceListsText(lists)}`] : []),
    ...nonEmpty(await deps.keyCounts.read(view.caller)),
    ...nonEmpty(rooms),
  ]
  return { text: `{${parts.join(',')}}`, isEmpty }
}

/** A reply that says nothing is new up to here. */
export async function emptyAnswer(
  { keyCounts }: Pick<AnswerDeps, 'keyCounts'>,
  view: Pick<SyncView, 'caller' | 'upto'>,
  { toDevice, presence }: { toDevice: ToDevicePart['upto']; presence: PresencePart['upto'] },
): Promise<string> {
  const counts = nonEmpty(await keyCounts.read(view.caller))
  return `{${[`"next_batch":"${syncTokenOf({ position: view.upto, toDevice, presence })}"`, ...counts].join(',')}}`
}

function nonEmpty(text: string): string[] {
  return text === '' ? [] : [text]
}

function viewerOf({ caller, memberships }: SyncView) {
  return { user: caller.user, memberships }
}

function deviceListsText(lists: DeviceListChanges): string {
  return JSON.stringify({ changed: lists.changed, left: lists.left })
}

/** The `rooms` member of the reply as text; empty if there is nothing. */
async function readRooms(deps: AnswerDeps, view: SyncView): Promise<string> {
  if (view.changes?.rooms.size === 0 && !view.isFullState) return ''
  const visits = await listVisits(deps, view)
  const joined = (await planAllJoined(deps, view, visits)).filter((plan) => !isPlanEmpty(plan))
  const left = await inGroups(visits.left, (visit) => planLeft(deps, view, visit))
  const plans = [...joined, ...left]
  const stateEvents = await loadState(deps, plans)
  const shown = plans.flatMap((plan) => plan.timeline.events)
  const renderer = await createRenderer(deps, view, shown)
  const stateOf = (plan: RoomPlan) => plan.state.flatMap((number) => stateEvents.get(number) ?? [])
  const sections = [
    section(
      'join',
      joined.map((plan) => [plan.visit.info.roomId, joinedText(view, plan, renderer, stateOf(plan))]),
    ),
    ...(await strippedSections(deps, view, visits)),
    section(
      'leave',
      left.map((plan) => [plan.visit.info.roomId, leftText(view, plan, renderer, stateOf(plan))]),
    ),
  ].filter((text) => text !== '')
  return sections.length === 0 ? '' : `"rooms":{${sections.join(',')}}`
}

async function planAllJoined(deps: AnswerDeps, view: SyncView, { joined }: Visits): Promise<RoomPlan[]> {
  if (joined.length === 0) return []
  const receipts = await readReceipts(deps, view, joined)
  const accountData = await readRoomAccountData(
    deps,
    view,
    joined.some((visit) => visit.isNew),
  )
  return inGroups(joined, (visit) => {
    const { room } = visit.info
    const texts = visit.isNew || view.isFullState ? accountData.all : accountData.changed
    return planJoined(deps, view, visit, { receipts: receipts.get(room) ?? [], accountData: texts.get(room) ?? [] })
  })
}

/** The state events of all rooms, by number. */
export async function loadState(
  deps: Pick<SyncDeps, 'rooms'>,
  plans: readonly Pick<RoomPlan, 'state'>[],
): Promise<Map<number, StoredEvent>> {
  const numbers = plans.flatMap((plan) => plan.state)
  if (numbers.length === 0) return new Map()
  return new Map((await deps.rooms.listEvents(numbers)).map((event) => [event.event, event]))
}

async function strippedSections(deps: AnswerDeps, view: SyncView, { stripped }: Visits): Promise<string[]> {
  const entries: Record<'invite' | 'knock', [string, string][]> = { invite: [], knock: [] }
  for (const { info, place } of stripped) {
    const found = await deps.stripped.find(place)
    if (found === undefined || (await isInviteHidden(deps, view, place, found))) continue
    const text = strippedSectionText(place, found)
    entries[place.membership === 'knock' ? 'knock' : 'invite'].push([info.roomId, text])
  }
  return [section('invite', entries.invite), section('knock', entries.knock)]
}

function section(name: string, entries: readonly (readonly [string, string])[]): string {
  if (entries.length === 0) return ''
  return `"${name}":{${entries.map(([roomId, text]) => `${JSON.stringify(roomId)}:${text}`).join(',')}}`
}

/** So many side by side as one reply may. */
export async function inGroups<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += syncLimits.roomsAtOnce) {
    results.push(...(await Promise.all(items.slice(at, at + syncLimits.roomsAtOnce).map(task))))
  }
  return results
}
