/** Requests to the server: the documented client and reputation API, as any client makes them. */

import { strings } from './strings.js'

const client = '/_matrix/client/v3'
const reputation = '/_parallax/reputation/v1'
const kept = 'parallax-lens'

/** Kept as long as this tab is open, and no longer. */
export function findSession() {
  return JSON.parse(sessionStorage.getItem(kept) ?? 'null')
}

async function ask(method, path, body) {
  const session = findSession()
  const answer = await fetch(path, {
    method,
    credentials: 'omit',
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(session !== null && { Authorization: `Bearer ${session.token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error(strings.unreachable)
  })
  const told = await answer.json().catch(() => ({}))
  if (answer.ok) return told
  if (told.errcode === 'M_UNKNOWN_TOKEN' && session !== null) {
    sessionStorage.removeItem(kept)
    dispatchEvent(new Event('signed-out'))
  }
  throw Object.assign(new Error(told.error ?? strings.unreachable), { status: answer.status, errcode: told.errcode })
}

/** Throws with the server's own words. */
export async function logIn(user, password) {
  const told = await ask('POST', `${client}/login`, {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    initial_device_display_name: strings.deviceName,
  })
  sessionStorage.setItem(kept, JSON.stringify({ token: told.access_token, userId: told.user_id }))
}

/** The device goes with its token. */
export async function logOut() {
  await ask('POST', `${client}/logout`, {}).catch(() => {})
  sessionStorage.removeItem(kept)
}

export const listLenses = () => ask('GET', `${reputation}/lenses`)
export const putLens = (name, lens) => ask('PUT', `${reputation}/lenses/${encodeURIComponent(name)}`, lens)
export const removeLens = (name) => ask('DELETE', `${reputation}/lenses/${encodeURIComponent(name)}`)
export const chooseLens = (name, forMs) =>
  ask('PUT', `${reputation}/lens`, { name, ...(forMs !== undefined && { for_ms: forMs }) })
export const readMetrics = () => ask('GET', `${reputation}/metrics`)
export const listDecisions = async () => (await ask('GET', `${reputation}/decisions`)).decisions
export const listQuiet = async () => (await ask('GET', `${reputation}/quiet`)).invites
export const explainVerdict = (id) => ask('GET', `${reputation}/explanations/${encodeURIComponent(id)}`)
export const setRule = (kind, entity, value) => ask('PUT', `${reputation}/rules`, { kind, entity, value })
export const previewLens = (lens) => ask('POST', `${reputation}/preview`, { lens })
export const listAbout = async () => (await ask('GET', `${reputation}/about-me`)).feeds
export const listFeeds = async () => (await ask('GET', `${reputation}/subscriptions`)).subscriptions
export const followFeed = (address, key) => ask('POST', `${reputation}/subscriptions`, { address, ...(key && { key }) })
export const leaveFeed = (source) => ask('DELETE', `${reputation}/subscriptions/${source}`)
export const answerInvite = (room, how) => ask('POST', `${client}/rooms/${encodeURIComponent(room)}/${how}`, {})
export const readEvent = (room, event) =>
  ask('GET', `${client}/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`)

const roomNames = new Map()

/** What a room is called; its ID if it has no name that one may see. */
export function nameRoom(room) {
  if (!roomNames.has(room)) {
    const asked = ask('GET', `${client}/rooms/${encodeURIComponent(room)}/state/m.room.name/`)
    roomNames.set(
      room,
      asked.then(({ name }) => name || room).catch(() => room),
    )
  }
  return roomNames.get(room)
}
