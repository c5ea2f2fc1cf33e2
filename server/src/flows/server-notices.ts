/** Messages of this server to one of its users, in a room of their own. Spec: client-server-api#server-notices. */

import { type DeviceId, type EventId, type JsonObject, localpartOf, type RoomId, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { createRoom } from './create-room.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { memberContent } from './member-content.ts'

export type Notice = {
  readonly userId: UserId
  readonly type: string
  readonly stateKey?: string | undefined
  readonly content: JsonObject
  /** Names the request of an admin, so that a repeat answers the same event. */
  readonly transactionId?: string | undefined
}

const tag = 'm.server_notice'
/** Below what speaking takes: notices are not answered. */
const READER_LEVEL = -10

/** Throws MatrixError M_NOT_FOUND if there is no such account, M_USER_IN_USE if a person has the name of the sender. */
export async function sendNotice(deps: FlowDeps, admin: Actor, notice: Notice): Promise<EventId> {
  const account = await deps.users.findAccount(notice.userId)
  if (account === undefined || account.state === 'deactivated') {
    throw new MatrixError('M_NOT_FOUND', `There is no account ${notice.userId} here.`)
  }
  const sender = await openSender(deps)
  const roomId = await openRoom(deps, sender, account)
  const { type, stateKey, content, transactionId } = notice
  const draft = { type, content, ...(stateKey === undefined ? {} : { stateKey }) }
  const transaction = {
    user: sender.user,
    device: 'NOTICES' as DeviceId,
    transactionId: `${admin.user} ${transactionId}`,
    path: `notice/${account.user}`,
  }
  const options = transactionId === undefined ? {} : { transaction }
  return (await deps.rooms.send(roomId, sender.userId, draft, options)).eventId
}

/** The account that notices come from, made when it is first needed: nobody can log in to it. */
async function openSender({ users, noticesFrom }: FlowDeps): Promise<Actor> {
  const { userId, displayName } = noticesFrom
  const found = await users.findAccount(userId)
  const account =
    found ?? (await users.createAccount({ localpart: localpartOf(userId), password: undefined, displayName }))
  if (account.hasPassword) {
    throw new MatrixError('M_USER_IN_USE', `${userId} belongs to a person: give notices.localpart another name.`)
  }
  return { userId, user: account.user, deviceId: undefined }
}

type Target = { readonly user: number; readonly userId: UserId }

/** The user's room, made or invited to again if need be. */
async function openRoom(deps: FlowDeps, sender: Actor, target: Target): Promise<RoomId> {
  const room = await deps.notices.findNoticeRoom(target.user)
  const info = room === undefined ? undefined : await deps.rooms.findRoomByNumber(room)
  if (info === undefined) return makeRoom(deps, sender, target)
  const member = await deps.rooms.findMember(info.room, target.user)
  const isShown = (await deps.users.findInviteRules(target.user)).judge(sender.userId) === 'allow'
  if (member?.membership === 'join' || (member?.membership === 'invite' && isShown)) return info.roomId
  await invite(deps, sender, info.roomId, target)
  return info.roomId
}

async function makeRoom(deps: FlowDeps, sender: Actor, target: Target): Promise<RoomId> {
  const roomId = await createRoom(deps, sender, {
    preset: 'private_chat',
    name: deps.noticesFrom.roomName,
    creation_content: { 'm.federate': false },
    power_level_content_override: { users_default: READER_LEVEL },
  })
  const info = await deps.rooms.findRoom(roomId)
  await deps.notices.keepNoticeRoom(target.user, info!.room)
  await deps.users.setTag(target.user, info!.room, tag, {})
  await invite(deps, sender, roomId, target)
  return roomId
}

/** Who takes no invitations is shown none: such users are put into the room, which is how a notice gets to them. */
async function invite(deps: FlowDeps, sender: Actor, roomId: RoomId, { user, userId }: Target): Promise<void> {
  const content = await memberContent(deps, userId, 'invite')
  await deps.rooms.send(roomId, sender.userId, { type: 'm.room.member', stateKey: userId, content })
  if ((await deps.users.findInviteRules(user)).judge(sender.userId) === 'allow') return
  const joined = await memberContent(deps, userId, 'join')
  await deps.rooms.send(roomId, userId, { type: 'm.room.member', stateKey: userId, content: joined })
}
