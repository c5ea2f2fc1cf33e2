/** Pushers as clients set them; they go with the session that set them. Spec: client-server-api#push-notifications. */

import type { DeviceId, JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'
import {
  listOwners,
  listPushers,
  type PusherKey,
  removePusher,
  removePushersOfOthers,
  upsertPusher,
} from './pusher-table.ts'
import { findSession } from './session-table.ts'
import { listThreePids } from './threepids/threepid-table.ts'
import type { UserContext } from './user-context.ts'
import type { PusherRequest, Pushers } from './users.ts'

export function createPushers(context: UserContext): Pushers {
  const { store, journal, turns } = context
  return {
    listPushers: (user) => listPushers(store.reader, user),
    setPusher: (user, device, request) => turns.run(user, () => setPusher(context, user, device, request)),
    async removePusher(user, appId, pushKey) {
      await store.transact((tx) => {
        removePusher(tx, { user, appId, pushKey })
        journal.append(tx, { kind: 'pusher', user })
      })
    },
  }
}

async function setPusher(context: UserContext, user: number, device: DeviceId, request: PusherRequest): Promise<void> {
  const { store, journal, clock } = context
  const key: PusherKey = { user, appId: request.app_id, pushKey: request.pushkey }
  checkPusher(context, request)
  const content = JSON.stringify(shownOf(request))
  if (Buffer.byteLength(content) > userLimits.pusherBytesMax) {
    throw new MatrixError('M_TOO_LARGE', `A pusher has at most ${userLimits.pusherBytesMax} bytes.`)
  }
  if (request.kind === 'email') await requireOwnAddress(context, user, request.pushkey)
  const own = await listPushers(store.reader, user)
  const isNew = own.every(({ appId, pushKey }) => appId !== key.appId || pushKey !== key.pushKey)
  if (isNew && own.length >= userLimits.pushersPerUserMax) {
    throw new MatrixError('M_LIMIT_EXCEEDED', `A user has at most ${userLimits.pushersPerUserMax} pushers.`)
  }
  if ((await findSession(store.reader, user, device)) === undefined) {
    throw new MatrixError('M_UNKNOWN_TOKEN', 'The device was logged out meanwhile.')
  }
  const others = request.append === true ? [] : (await listOwners(store.reader, key)).filter((owner) => owner !== user)
  await store.transact((tx) => {
    if (request.append !== true) removePushersOfOthers(tx, key)
    upsertPusher(tx, { ...key, device, content, setMs: clock.nowMs() })
    for (const changed of [user, ...others]) journal.append(tx, { kind: 'pusher', user: changed })
  })
}

/** Letters go only to addresses that the user has confirmed. */
async function requireOwnAddress({ store, mail }: UserContext, user: number, address: string): Promise<void> {
  if (!mail.isOn) throw new MatrixError('M_INVALID_PARAM', 'This server sends no e-mail.')
  const own = await listThreePids(store.reader, user)
  if (own.some((one) => one.medium === 'email' && one.address === address)) return
  throw new MatrixError('M_THREEPID_NOT_FOUND', 'This address is not one of your account.')
}

/** Throws MatrixError M_INVALID_PARAM. */
function checkPusher({ config }: UserContext, { kind, app_id: appId, pushkey, data }: PusherRequest): void {
  if (appId.length > userLimits.appIdCharsMax || Buffer.byteLength(pushkey) > userLimits.pushKeyBytesMax) {
    const { appIdCharsMax, pushKeyBytesMax } = userLimits
    throw new MatrixError(
      'M_INVALID_PARAM',
      `app_id has ${appIdCharsMax} characters at most, pushkey ${pushKeyBytesMax} bytes.`,
    )
  }
  if (kind === 'email') return
  if (kind !== 'http') throw new MatrixError('M_INVALID_PARAM', `Pushers of kind ${kind} are not supported.`)
  if (!isGateway(data.url, config.httpGateways ?? [])) {
    throw new MatrixError('M_INVALID_PARAM', 'data.url must be an https URL with the path /_matrix/push/v1/notify.')
  }
}

/** Spec: client-server-api#post_matrixclientv3pushersset. Without TLS only at origins that the config names. */
function isGateway(text: unknown, httpGateways: readonly string[]): boolean {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url?.pathname !== '/_matrix/push/v1/notify' || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || httpGateways.some((allowed) => new URL(allowed).origin === url.origin)
}

function shownOf({ append, ...pusher }: PusherRequest): JsonObject {
  const { app_id, pushkey, kind, app_display_name, device_display_name, profile_tag, lang, data } = pusher
  const shown = { app_id, pushkey, kind, app_display_name, device_display_name, lang, data }
  return profile_tag === undefined ? shown : { ...shown, profile_tag }
}
