/** Every endpoint for clients; one that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { getAccountData } from './account-data/get-account-data.ts'
import { getAccountDataPerRoom } from './account-data/get-account-data-per-room.ts'
import { setAccountData } from './account-data/set-account-data.ts'
import { setAccountDataPerRoom } from './account-data/set-account-data-per-room.ts'
import { deactivateAccount } from './account-deactivation/deactivate-account.ts'
import { getAdminLockUser } from './admin/get-admin-lock-user.ts'
import { getAdminSuspendUser } from './admin/get-admin-suspend-user.ts'
import { getWhoIs } from './admin/get-who-is.ts'
import { setAdminLockUser } from './admin/set-admin-lock-user.ts'
import { setAdminSuspendUser } from './admin/set-admin-suspend-user.ts'
import { add3Pid } from './administrative-contact/add3-pid.ts'
import { bind3Pid } from './administrative-contact/bind3-pid.ts'
import { delete3PidFromAccount } from './administrative-contact/delete3pid-from-account.ts'
import { getAccount3Pids } from './administrative-contact/get-account3-pids.ts'
import { post3Pids } from './administrative-contact/post3-pids.ts'
import { requestTokenTo3PidEmail } from './administrative-contact/request-token-to3-pid-email.ts'
import { requestTokenTo3PidMsisdn } from './administrative-contact/request-token-to3-pidmsisdn.ts'
import { unbind3PidFromAccount } from './administrative-contact/unbind3pid-from-account.ts'
import { getConfigAuthed } from './authed-content-repo/get-config-authed.ts'
import { getContentAuthed } from './authed-content-repo/get-content-authed.ts'
import { getContentOverrideNameAuthed } from './authed-content-repo/get-content-override-name-authed.ts'
import { getContentThumbnailAuthed } from './authed-content-repo/get-content-thumbnail-authed.ts'
import { getUrlPreviewAuthed } from './authed-content-repo/get-url-preview-authed.ts'
import { ban } from './banning/ban.ts'
import { unban } from './banning/unban.ts'
import { getCapabilities } from './capabilities/get-capabilities.ts'
import { createContent } from './content-repo/create-content.ts'
import { getConfig } from './content-repo/get-config.ts'
import { getContent } from './content-repo/get-content.ts'
import { getContentOverrideName } from './content-repo/get-content-override-name.ts'
import { getContentThumbnail } from './content-repo/get-content-thumbnail.ts'
import { getUrlPreview } from './content-repo/get-url-preview.ts'
import { uploadContent } from './content-repo/upload-content.ts'
import { uploadContentToMxc } from './content-repo/upload-content-to-mxc.ts'
import { createRoom } from './create-room/create-room.ts'
import { uploadCrossSigningKeys } from './cross-signing/upload-cross-signing-keys.ts'
import { uploadCrossSigningSignatures } from './cross-signing/upload-cross-signing-signatures.ts'
import { deleteDehydratedDevice } from './dehydrated-device/delete-dehydrated-device.ts'
import { getDehydratedDevice } from './dehydrated-device/get-dehydrated-device.ts'
import { listDehydratedEvents } from './dehydrated-device/list-dehydrated-events.ts'
import { putDehydratedDevice } from './dehydrated-device/put-dehydrated-device.ts'
import { deleteDevice } from './device-management/delete-device.ts'
import { deleteDevices } from './device-management/delete-devices.ts'
import { getDevice } from './device-management/get-device.ts'
import { getDevices } from './device-management/get-devices.ts'
import { updateDevice } from './device-management/update-device.ts'
import { deleteRoomAlias } from './directory/delete-room-alias.ts'
import { getLocalAliases } from './directory/get-local-aliases.ts'
import { getRoomIdByAlias } from './directory/get-room-id-by-alias.ts'
import { setRoomAlias } from './directory/set-room-alias.ts'
import { getEventContext } from './event-context/get-event-context.ts'
import { defineFilter } from './filter/define-filter.ts'
import { getFilter } from './filter/get-filter.ts'
import { inviteUser } from './inviting/invite-user.ts'
import { joinRoom } from './joining/join-room.ts'
import { joinRoomById } from './joining/join-room-by-id.ts'
import { deleteRoomKeyBySessionId } from './key-backup/delete-room-key-by-session-id.ts'
import { deleteRoomKeys } from './key-backup/delete-room-keys.ts'
import { deleteRoomKeysByRoomId } from './key-backup/delete-room-keys-by-room-id.ts'
import { deleteRoomKeysVersion } from './key-backup/delete-room-keys-version.ts'
import { getRoomKeyBySessionId } from './key-backup/get-room-key-by-session-id.ts'
import { getRoomKeys } from './key-backup/get-room-keys.ts'
import { getRoomKeysByRoomId } from './key-backup/get-room-keys-by-room-id.ts'
import { getRoomKeysVersion } from './key-backup/get-room-keys-version.ts'
import { getRoomKeysVersionCurrent } from './key-backup/get-room-keys-version-current.ts'
import { postRoomKeysVersion } from './key-backup/post-room-keys-version.ts'
import { putRoomKeyBySessionId } from './key-backup/put-room-key-by-session-id.ts'
import { putRoomKeys } from './key-backup/put-room-keys.ts'
import { putRoomKeysByRoomId } from './key-backup/put-room-keys-by-room-id.ts'
import { putRoomKeysVersion } from './key-backup/put-room-keys-version.ts'
import { claimKeys } from './keys/claim-keys.ts'
import { getKeysChanges } from './keys/get-keys-changes.ts'
import { queryKeys } from './keys/query-keys.ts'
import { uploadKeys } from './keys/upload-keys.ts'
import { kick } from './kicking/kick.ts'
import { knockRoom } from './knocking/knock-room.ts'
import { forgetRoom } from './leaving/forget-room.ts'
import { leaveRoom } from './leaving/leave-room.ts'
import { getJoinedRooms } from './list-joined-rooms/get-joined-rooms.ts'
import { getPublicRooms } from './list-public-rooms/get-public-rooms.ts'
import { getRoomVisibilityOnDirectory } from './list-public-rooms/get-room-visibility-on-directory.ts'
import { queryPublicRooms } from './list-public-rooms/query-public-rooms.ts'
import { setRoomVisibilityOnDirectory } from './list-public-rooms/set-room-visibility-on-directory.ts'
import { getLoginFlows } from './login/get-login-flows.ts'
import { login } from './login/login.ts'
import { generateLoginToken } from './login-token/generate-login-token.ts'
import { logout } from './logout/logout.ts'
import { logoutAll } from './logout/logout-all.ts'
import { getRoomEvents } from './message-pagination/get-room-events.ts'
import { getMutualRooms } from './mutual-rooms/get-mutual-rooms.ts'
import { getNotifications } from './notifications/get-notifications.ts'
import { getEvents } from './old-sync/get-events.ts'
import { getOneEvent } from './old-sync/get-one-event.ts'
import { initialSync } from './old-sync/initial-sync.ts'
import { requestOpenIdToken } from './openid/request-open-id-token.ts'
import { changePassword } from './password-management/change-password.ts'
import { requestTokenToResetPasswordEmail } from './password-management/request-token-to-reset-password-email.ts'
import { requestTokenToResetPasswordMsisdn } from './password-management/request-token-to-reset-password-msisdn.ts'
import { getPasswordPolicy } from './password-policy/get-password-policy.ts'
import { getWellknownPolicy } from './policy-server/get-wellknown-policy.ts'
import { getPresence } from './presence/get-presence.ts'
import { setPresence } from './presence/set-presence.ts'
import { deleteProfileField } from './profile/delete-profile-field.ts'
import { getProfileField } from './profile/get-profile-field.ts'
import { getUserProfile } from './profile/get-user-profile.ts'
import { setProfileField } from './profile/set-profile-field.ts'
import { getPushers } from './pusher/get-pushers.ts'
import { postPusher } from './pusher/post-pusher.ts'
import { deletePushRule } from './pushrules/delete-push-rule.ts'
import { getPushRule } from './pushrules/get-push-rule.ts'
import { getPushRuleActions } from './pushrules/get-push-rule-actions.ts'
import { getPushRules } from './pushrules/get-push-rules.ts'
import { getPushRulesGlobal } from './pushrules/get-push-rules-global.ts'
import { isPushRuleEnabled } from './pushrules/is-push-rule-enabled.ts'
import { setPushRule } from './pushrules/set-push-rule.ts'
import { setPushRuleActions } from './pushrules/set-push-rule-actions.ts'
import { setPushRuleEnabled } from './pushrules/set-push-rule-enabled.ts'
import { setReadMarker } from './read-markers/set-read-marker.ts'
import { postReceipt } from './receipts/post-receipt.ts'
import { redactEvent } from './redaction/redact-event.ts'
import { refresh } from './refresh/refresh.ts'
import { checkUsernameAvailability } from './registration/check-username-availability.ts'
import { register } from './registration/register.ts'
import { requestTokenToRegisterEmail } from './registration/request-token-to-register-email.ts'
import { requestTokenToRegisterMsisdn } from './registration/request-token-to-register-msisdn.ts'
import { registrationTokenValidity } from './registration-tokens/registration-token-validity.ts'
import { getRelatingEvents } from './relations/get-relating-events.ts'
import { getRelatingEventsWithRelType } from './relations/get-relating-events-with-rel-type.ts'
import { getRelatingEventsWithRelTypeAndEventType } from './relations/get-relating-events-with-rel-type-and-event-type.ts'
import { reportEvent } from './report-content/report-event.ts'
import { reportRoom } from './report-content/report-room.ts'
import { reportUser } from './report-content/report-user.ts'
import { getEventByTimestamp } from './room-event-by-timestamp/get-event-by-timestamp.ts'
import { roomInitialSync } from './room-initial-sync/room-initial-sync.ts'
import { sendMessage } from './room-send/send-message.ts'
import { setRoomStateWithKey } from './room-state/set-room-state-with-key.ts'
import { getRoomSummary } from './room-summary/get-room-summary.ts'
import { upgradeRoom } from './room-upgrades/upgrade-room.ts'
import { getJoinedMembersByRoom } from './rooms/get-joined-members-by-room.ts'
import { getMembersByRoom } from './rooms/get-members-by-room.ts'
import { getOneRoomEvent } from './rooms/get-one-room-event.ts'
import { getRoomState } from './rooms/get-room-state.ts'
import { getRoomStateWithKey } from './rooms/get-room-state-with-key.ts'
import { search } from './search/search.ts'
import { getSpaceHierarchy } from './space-hierarchy/get-space-hierarchy.ts'
import { getWellKnownSupport } from './support/get-wellknown-support.ts'
import { slidingSync, slidingSyncUnstable } from './sync/sliding-sync.ts'
import { sync } from './sync/sync.ts'
import { deleteRoomTag } from './tags/delete-room-tag.ts'
import { getRoomTags } from './tags/get-room-tags.ts'
import { setRoomTag } from './tags/set-room-tag.ts'
import { getProtocolMetadata } from './third-party-lookup/get-protocol-metadata.ts'
import { getProtocols } from './third-party-lookup/get-protocols.ts'
import { queryLocationByAlias } from './third-party-lookup/query-location-by-alias.ts'
import { queryLocationByProtocol } from './third-party-lookup/query-location-by-protocol.ts'
import { queryUserById } from './third-party-lookup/query-user-by-id.ts'
import { queryUserByProtocol } from './third-party-lookup/query-user-by-protocol.ts'
import { deleteThreadSubscription } from './thread-subscriptions/delete-thread-subscription.ts'
import { getThreadSubscription } from './thread-subscriptions/get-thread-subscription.ts'
import { listThreadSubscriptions } from './thread-subscriptions/list-thread-subscriptions.ts'
import { putThreadSubscription } from './thread-subscriptions/put-thread-subscription.ts'
import { getThreadRoots } from './threads-list/get-thread-roots.ts'
import { sendToDevice } from './to-device/send-to-device.ts'
import { setTyping } from './typing/set-typing.ts'
import { searchUserDirectory } from './users/search-user-directory.ts'
import { getVersions } from './versions/get-versions.ts'
import { getTurnServer } from './voip/get-turn-server.ts'
import { getWellknown } from './wellknown/get-wellknown.ts'
import { getWellknownServer } from './wellknown/get-wellknown-server.ts'
import { getTokenOwner } from './whoami/get-token-owner.ts'

/** In the order of their folders. */
export const clientEndpoints: readonly Endpoint[] = [
  getAccountDataPerRoom,
  getAccountData,
  setAccountDataPerRoom,
  setAccountData,
  deactivateAccount,
  getAdminLockUser,
  getWhoIs,
  setAdminLockUser,
  getAdminSuspendUser,
  setAdminSuspendUser,
  getAccount3Pids,
  add3Pid,
  bind3Pid,
  delete3PidFromAccount,
  post3Pids,
  requestTokenTo3PidEmail,
  requestTokenTo3PidMsisdn,
  unbind3PidFromAccount,
  requestTokenToResetPasswordEmail,
  requestTokenToResetPasswordMsisdn,
  requestTokenToRegisterEmail,
  requestTokenToRegisterMsisdn,
  ban,
  unban,
  getCapabilities,
  createRoom,
  uploadCrossSigningKeys,
  uploadCrossSigningSignatures,
  deleteDehydratedDevice,
  getDehydratedDevice,
  listDehydratedEvents,
  putDehydratedDevice,
  deleteDevice,
  deleteDevices,
  getDevice,
  getDevices,
  updateDevice,
  deleteRoomAlias,
  getLocalAliases,
  getRoomIdByAlias,
  setRoomAlias,
  getEventContext,
  defineFilter,
  getFilter,
  inviteUser,
  joinRoomById,
  joinRoom,
  deleteRoomKeyBySessionId,
  deleteRoomKeysByRoomId,
  deleteRoomKeysVersion,
  deleteRoomKeys,
  getRoomKeyBySessionId,
  getRoomKeysByRoomId,
  getRoomKeysVersionCurrent,
  getRoomKeysVersion,
  getRoomKeys,
  postRoomKeysVersion,
  putRoomKeyBySessionId,
  putRoomKeysByRoomId,
  putRoomKeysVersion,
  putRoomKeys,
  claimKeys,
  getKeysChanges,
  queryKeys,
  uploadKeys,
  kick,
  knockRoom,
  forgetRoom,
  leaveRoom,
  getJoinedRooms,
  getPublicRooms,
  getRoomVisibilityOnDirectory,
  queryPublicRooms,
  setRoomVisibilityOnDirectory,
  generateLoginToken,
  getLoginFlows,
  login,
  logoutAll,
  logout,
  getRoomEvents,
  getMutualRooms,
  getNotifications,
  requestOpenIdToken,
  changePassword,
  getWellknownPolicy,
  getPresence,
  setPresence,
  deleteProfileField,
  getProfileField,
  getUserProfile,
  setProfileField,
  getPushers,
  postPusher,
  deletePushRule,
  getPushRuleActions,
  getPushRule,
  getPushRulesGlobal,
  getPushRules,
  isPushRuleEnabled,
  setPushRuleActions,
  setPushRuleEnabled,
  setPushRule,
  setReadMarker,
  postReceipt,
  redactEvent,
  refresh,
  registrationTokenValidity,
  checkUsernameAvailability,
  register,
  reportEvent,
  reportRoom,
  reportUser,
  sendMessage,
  setRoomStateWithKey,
  getRoomSummary,
  upgradeRoom,
  getJoinedMembersByRoom,
  getMembersByRoom,
  getOneRoomEvent,
  getRoomStateWithKey,
  getRoomState,
  getWellKnownSupport,
  sync,
  slidingSync,
  slidingSyncUnstable,
  deleteRoomTag,
  getRoomTags,
  setRoomTag,
  getProtocolMetadata,
  getProtocols,
  queryLocationByAlias,
  queryLocationByProtocol,
  queryUserById,
  queryUserByProtocol,
  sendToDevice,
  setTyping,
  search,
  searchUserDirectory,
  getVersions,
  getThreadSubscription,
  putThreadSubscription,
  deleteThreadSubscription,
  listThreadSubscriptions,
  getPasswordPolicy,
  getOneEvent,
  initialSync,
  getEvents,
  roomInitialSync,
  getTurnServer,
  getWellknownServer,
  getWellknown,
  getTokenOwner,
  getConfigAuthed,
  getContentAuthed,
  getContentOverrideNameAuthed,
  getContentThumbnailAuthed,
  getUrlPreviewAuthed,
  createContent,
  getConfig,
  getContentOverrideName,
  getContentThumbnail,
  getContent,
  getUrlPreview,
  uploadContentToMxc,
  uploadContent,
  getRelatingEvents,
  getRelatingEventsWithRelType,
  getRelatingEventsWithRelTypeAndEventType,
  getThreadRoots,
  getSpaceHierarchy,
  getEventByTimestamp,
]
