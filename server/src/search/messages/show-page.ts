/** A page of found messages as JSON text: the events, their neighbours, groups, states of rooms. */

import { type RoomId, stateKeyOf, type UserId } from '@parallax/protocol'
import { contentText, headerOf, renderEvents, type StoredEvent } from '../../rooms/index.ts'
import { messageLimits } from '../limits.ts'
import type { SearchCaller, SearchDeps } from '../search.ts'
import type { Match } from './examine-hits.ts'
import { formatPageToken, type PageToken } from './page-token.ts'
import type { GroupKey, MessageRequest } from './read-request.ts'

export type Page = {
  readonly matches: readonly Match[]
  /** How many events match, as far as they were examined for the first page. */
  readonly count: number
  /** Hits up to the last match, those of the pages before included. */
  readonly offset: number
  /** True: there may be more. */
  readonly isFull: boolean
}

type Shown = {
  readonly page: Page
  readonly from: PageToken
  readonly highlights: readonly string[]
}

/** The reply of the endpoint. */
export async function showPage(
  deps: SearchDeps,
  caller: SearchCaller,
  request: MessageRequest,
  { page, from, highlights }: Shown,
): Promise<string> {
  const events = page.matches.map(({ event }) => event)
  const texts = await renderEvents(deps.rooms, caller, events, { nowMs: deps.clock.nowMs(), withRoomId: true })
  const results: string[] = []
  for (const [index, { event, rank }] of page.matches.entries()) {
    const context = request.context && (await showContext(deps, caller, event, request.context))
    const around = context === undefined ? '' : `,"context":${context}`
    results.push(`{"rank":${Math.round(rank * 1e6) / 1e6},"result":${texts[index]}${around}}`)
  }
  const parts = [
    `"count":${page.count}`,
    `"highlights":${JSON.stringify(highlights)}`,
    `"results":[${results.join(',')}]`,
  ]
  if (request.groupBy.length > 0) parts.push(`"groups":${JSON.stringify(groupsOf(request, page, from))}`)
  if (request.hasState) parts.push(`"state":${await showStates(deps, caller, events)}`)
  const token = { ...from, offset: page.offset, count: page.count }
  if (page.isFull) parts.push(`"next_batch":"${formatPageToken(token)}"`)
  return `{"search_categories":{"room_events":{${parts.join(',')}}}}`
}

type Group = { order: number; results: string[]; next_batch?: string }

function groupsOf({ groupBy }: MessageRequest, page: Page, from: PageToken): Record<string, Record<string, Group>> {
  return Object.fromEntries(groupBy.map((key) => [key, groupsBy(key, page, from)]))
}

/** Groups in the order of their first results. */
function groupsBy(key: GroupKey, { matches, offset, count, isFull }: Page, from: PageToken): Record<string, Group> {
  const groups = new Map<string, Group>()
  for (const { event } of matches) {
    const { roomId, sender } = headerOf(event)
    const name = key === 'room_id' ? roomId : sender
    const number = key === 'room_id' ? event.room : event.sender
    const next = formatPageToken({ ...from, offset, count, group: { key, number } })
    const group = groups.get(name) ?? { order: groups.size + 1, results: [], ...(isFull && { next_batch: next }) }
    group.results.push(event.eventId)
    groups.set(name, group)
  }
  return Object.fromEntries(groups)
}

type Context = NonNullable<MessageRequest['context']>

async function showContext(
  deps: SearchDeps,
  caller: SearchCaller,
  event: StoredEvent,
  context: Context,
): Promise<string> {
  const { start, end, before, after, senders } = await deps.roomViews.around(caller, event, context)
  const parts = [
    `"start":"${start}"`,
    `"end":"${end}"`,
    `"events_before":[${before.join(',')}]`,
    `"events_after":[${after.join(',')}]`,
  ]
  if (context.hasProfiles) {
    const profiles = await listProfiles(deps, event, new Set([event.sender, ...senders]))
    parts.push(`"profile_info":${JSON.stringify(profiles)}`)
  }
  return `{${parts.join(',')}}`
}

/** How the users were called when the event was sent. */
async function listProfiles(deps: SearchDeps, at: StoredEvent, users: ReadonlySet<number>): Promise<object> {
  const userIds = (await deps.names.texts([...users])) as UserId[]
  const slots = await deps.names.find(userIds.map((userId) => stateKeyOf('m.room.member', userId)))
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = at.snapshot === 0 ? [] : await deps.rooms.findState(at.snapshot, known)
  const members = await deps.rooms.listEvents(numbers.filter((number) => number !== undefined))
  return Object.fromEntries(
    members.map((member) => {
      const { displayname, avatar_url: avatar } = JSON.parse(contentText(member))
      const profile = {
        ...(typeof displayname === 'string' && { displayname }),
        ...(typeof avatar === 'string' && { avatar_url: avatar }),
      }
      return [headerOf(member).stateKey!, profile]
    }),
  )
}

/** The state of the rooms as the caller may see it, by room ID. */
async function showStates(
  { roomViews }: SearchDeps,
  caller: SearchCaller,
  events: readonly StoredEvent[],
): Promise<string> {
  const roomIds = [...new Set(events.map((event): RoomId => headerOf(event).roomId))]
  const states: string[] = []
  for (const roomId of roomIds.slice(0, messageLimits.stateRoomsMax)) {
    states.push(`${JSON.stringify(roomId)}:${await roomViews.state(caller, roomId)}`)
  }
  return `{${states.join(',')}}`
}
