/** Pushers as clients set them; they go with the session that set them. Spec: client-server-api#push-notifications. */

import type { DeviceId, JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'
import {
  hasPusher,
  listPusherTexts,
  type PusherKey,
  removePusher,
  removePushersOfOthers,
  upsertPusher,
} from './pusher-table.ts'
import { findSession } from './session-table.ts'
import type { UserContext } from './user-context.ts'
import type { PusherRequest, Pushers } from './users.ts'

export function createPushers(context: UserContext): Pushers {
  const { reader } = context.store
  return {
    listPushers: async (user) => `{"pushers":[${(await listPusherTexts(reader, user)).join(',')}]}`,
    setPusher: (user, device, request) => context.turns.run(user, () => setPusher(context, user, device, request)),
    async removePusher(user, appId, pushKey) {
      await context.store.transact((tx) => removePusher(tx, { user, appId, pushKey }))
    },
  }
}

async function setPusher(context: UserContext, user: number, device: DeviceId, request: PusherRequest): Promise<void> {
  const { store } = context
  const key: PusherKey = { user, appId: request.app_id, pushKey: request.pushkey }
  checkPusher(request)
  const content = JSON.stringify(shownOf(request))
  if (Buffer.byteLength(content) > userLimits.pusherBytesMax) {
    throw new MatrixError('M_TOO_LARGE', `A pusher has at most ${userLimits.pusherBytesMax} bytes.`)
  }
  const count = (await listPusherTexts(store.reader, user)).length
  if (count >= userLimits.pushersPerUserMax && !(await hasPusher(store.reader, key))) {
    throw new MatrixError('M_LIMIT_EXCEEDED', `A user has at most ${userLimits.pushersPerUserMax} pushers.`)
  }
  if ((await findSession(store.reader, user, device)) === undefined) {
    throw new MatrixError('M_UNKNOWN_TOKEN', 'The device was logged out meanwhile.')
  }
  await store.transact((tx) => {
    if (request.append !== true) removePushersOfOthers(tx, key)
    upsertPusher(tx, { ...key, device, content })
  })
}

/** Throws MatrixError M_INVALID_PARAM. */
function checkPusher({ kind, app_id: appId, pushkey, data }: PusherRequest): void {
  if (appId.length > userLimits.appIdCharsMax || Buffer.byteLength(pushkey) > userLimits.pushKeyBytesMax) {
    const { appIdCharsMax, pushKeyBytesMax } = userLimits
    throw new MatrixError(
      'M_INVALID_PARAM',
      `app_id has ${appIdCharsMax} characters at most, pushkey ${pushKeyBytesMax} bytes.`,
    )
  }
  // A pusher of mail needs an address that was verified, and none can be added to an account here.
  if (kind !== 'http') throw new MatrixError('M_INVALID_PARAM', `Pushers of kind ${kind} are not supported.`)
  const url = typeof data.url === 'string' && URL.canParse(data.url) ? new URL(data.url) : undefined
  if (url?.protocol !== 'https:' || url.pathname !== '/_matrix/push/v1/notify') {
    throw new MatrixError('M_INVALID_PARAM', 'data.url must be an https URL with the path /_matrix/push/v1/notify.')
  }
}

function shownOf({ append, ...pusher }: PusherRequest): JsonObject {
  const { app_id, pushkey, kind, app_display_name, device_display_name, profile_tag, lang, data } = pusher
  const shown = { app_id, pushkey, kind, app_display_name, device_display_name, lang, data }
  return profile_tag === undefined ? shown : { ...shown, profile_tag }
}
