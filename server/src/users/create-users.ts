/** Builds the users component. */

import type { UserId } from '@parallax/protocol'
import { createAccountData } from './account-data.ts'
import { hasAccounts, listGuests } from './account-table.ts'
import { createRegistrationToken, createSetupToken, useSetupToken } from './account-tokens.ts'
import { createAccount, findAccountOf, requireAvailable, setAdmin, setPassword, setState } from './accounts.ts'
import { confirmPassword } from './confirm-password.ts'
import { createFilters } from './filters.ts'
import { createLastSeen } from './last-seen.ts'
import { createLoginToken, logIn } from './log-in.ts'
import { createOpenId } from './openid.ts'
import { checkPassword, describePolicy } from './password-policy.ts'
import { createProfiles } from './profiles.ts'
import { createPushRules } from './push-rules.ts'
import { createPushers } from './pushers.ts'
import { register } from './register.ts'
import { createSecretRegistration } from './register-with-secret.ts'
import { removeAccount } from './remove-account.ts'
import { findSession, listDeviceIds, listSessions, updateSessionName } from './session-table.ts'
import { endSessions, findCaller, refresh } from './sessions.ts'
import { createThreads } from './threads.ts'
import { createThreePids } from './threepids/threepids.ts'
import { isRegistrationTokenValid } from './token-table.ts'
import { createContext } from './user-context.ts'
import type { Users } from './users.ts'
import type { UsersDeps } from './users-deps.ts'

/** The component; nothing is read before it is asked for. */
export function createUsers(deps: UsersDeps): Users {
  const context = createContext(deps)
  const { store, config } = deps
  const { forget: forgetProfile, ...profiles } = createProfiles(context)
  const { forget: forgetRules, lastPosition, ...rules } = createPushRules(context)
  const { forget: forgetAccountData, ...accountData } = createAccountData(context, { ...rules, lastPosition })
  const { forget: forgetFilters, ...filters } = createFilters(context)
  const lastSeen = createLastSeen(context)
  const secret = createSecretRegistration(context)
  const forget = (user: number, userId: UserId): void => {
    forgetRules(user)
    forgetAccountData(user)
    forgetFilters()
    forgetProfile(userId)
  }
  return {
    ...profiles,
    ...rules,
    ...accountData,
    ...filters,
    ...createPushers(context),
    ...createOpenId(context),
    ...createThreePids(context),
    ...createThreads(context),
    findAccount: (userId) => findAccountOf(context, userId),
    listGuests: (list) => listGuests(context.store.reader, list),
    requireAvailable: (username) => requireAvailable(context, username),
    createAccount: (draft) => createAccount(context, draft),
    hasAccounts: () => hasAccounts(store.reader),
    setPassword: (user, password) => setPassword(context, user, password),
    setAdmin: (user, isAdmin) => setAdmin(context, user, isAdmin),
    setState: (user, state) => setState(context, user, state),
    removeAccount: (user) => removeAccount(context, user, forget),
    createSetupToken: () => createSetupToken(context),
    useSetupToken: (token, draft) => useSetupToken(context, token, draft),
    createRegistrationToken: (options) => createRegistrationToken(context, options),
    isRegistrationTokenValid: (token) => isRegistrationTokenValid(store.reader, token, deps.clock.nowMs()),
    createNonce: secret.createNonce,
    registerWithSecret: secret.register,
    findCaller: (accessToken) => findCaller(context, accessToken),
    noteSeen: lastSeen.note,
    flush: lastSeen.flush,
    register: (request) => register(context, request),
    logIn: (request) => logIn(context, request),
    createLoginToken: (caller, auth) => createLoginToken(context, caller, auth),
    passwordPolicy: describePolicy(context.policy),
    checkPassword: (password) => checkPassword(context.policy, password),
    loginFlows: config.isLoginTokenAllowed
      ? [{ type: 'm.login.password' }, { type: 'm.login.token', get_login_token: true }]
      : [{ type: 'm.login.password' }],
    refresh: (refreshToken) => refresh(context, refreshToken),
    listSessions: (user) => listSessions(store.reader, user),
    listDeviceIds: (users) => listDeviceIds(store.reader, users),
    findSession: (user, device) => findSession(store.reader, user, device),
    endSessions: (tx, user, devices) => endSessions(context, tx, user, devices),
    renameSession: updateSessionName,
    authenticate: (caller, operation, auth) => confirmPassword(context, caller, operation, auth),
  }
}
