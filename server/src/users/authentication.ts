/**
 * User-interactive authentication: stages that a client passes before something is done. A session is for one
 * operation of one user. Spec: client-server-api#user-interactive-authentication-api.
 */

import { isJsonObject, type JsonObject } from '@parallax/protocol'
import {
  type AuthSession,
  findAuthSession,
  pruneAuthSessions,
  removeAuthSession,
  upsertAuthSession,
} from './auth-session-table.ts'
import { userLimits } from './limits.ts'
import { newToken } from './token.ts'
import type { UserContext } from './user-context.ts'

export type Stage =
  | 'm.login.dummy'
  | 'm.login.email.identity'
  | 'm.login.password'
  | 'm.login.registration_token'
  | 'm.login.terms'

/** What is to be remembered of a stage that is passed, or why it is not. */
export type StageOutcome = { readonly passed: true; readonly memo?: string } | { readonly refused: string }

export type AuthWish = {
  /** What it is for, with its object. */
  readonly operation: string
  /** 0: nobody yet. */
  readonly user: number
  readonly flows: readonly (readonly Stage[])[]
  readonly params: JsonObject
  readonly auth: JsonObject | undefined
  readonly tryStage: (stage: Stage, auth: JsonObject) => Promise<StageOutcome>
}

/** `memos`: what was remembered, by stage. */
export type AuthOutcome = { readonly challenge: JsonObject } | { readonly memos: JsonObject }

/** Tries one stage; passes if it was the last of a flow, else answers the body of the 401 reply. */
export async function authenticate(context: UserContext, wish: AuthWish): Promise<AuthOutcome> {
  const { auth } = wish
  if (auth === undefined) return challenge(wish, await addSession(context, wish, {}))
  const known = await findSession(context, wish)
  if (typeof auth.session === 'string' && known === undefined) {
    const session = await addSession(context, wish, {})
    return challenge(wish, session, ['M_UNKNOWN', 'The authentication session is not known or has expired.'])
  }
  const completed = known?.completed ?? {}
  const stage = nextStages(wish, completed).find((name) => name === auth.type)
  const outcome = await outcomeOf(wish, stage, completed)
  if ('refused' in outcome) {
    const session = known ?? (await addSession(context, wish, completed))
    return challenge(wish, session, outcome.refused === '' ? undefined : ['M_FORBIDDEN', outcome.refused])
  }
  const now = stage === undefined ? completed : { ...completed, [stage]: outcome.memo ?? true }
  if (!wish.flows.some((flow) => flow.every((name) => Object.hasOwn(now, name)))) {
    return challenge(wish, await addSession(context, wish, now, known))
  }
  if (known !== undefined) await context.store.transact((tx) => removeAuthSession(tx, known.session))
  return { memos: now }
}

/** A stage that was passed before counts; only the next one of a flow can be tried. */
async function outcomeOf(wish: AuthWish, stage: Stage | undefined, completed: JsonObject): Promise<StageOutcome> {
  const auth = wish.auth!
  if (stage !== undefined) return wish.tryStage(stage, auth)
  if (auth.type === undefined || (typeof auth.type === 'string' && Object.hasOwn(completed, auth.type))) {
    return Object.keys(completed).length > 0 ? { passed: true } : { refused: '' }
  }
  return { refused: 'This is not the next stage of any flow.' }
}

function nextStages({ flows }: AuthWish, completed: JsonObject): Stage[] {
  const next = flows.map((flow) => flow.find((name) => !Object.hasOwn(completed, name)))
  return next.filter((name) => name !== undefined)
}

async function findSession(context: UserContext, wish: AuthWish): Promise<AuthSession | undefined> {
  const id = wish.auth?.session
  if (typeof id !== 'string' || id.length > 100) return undefined
  const session = await findAuthSession(context.store.reader, id)
  const isUsable =
    session?.operation === wish.operation && session.user === wish.user && session.expiresMs > context.clock.nowMs()
  return isUsable ? session : undefined
}

async function addSession(
  context: UserContext,
  wish: AuthWish,
  completed: JsonObject,
  known?: AuthSession,
): Promise<AuthSession> {
  const nowMs = context.clock.nowMs()
  const session = {
    session: known?.session ?? newToken(context.randomBytes, 'auth'),
    operation: wish.operation,
    user: wish.user,
    completed,
    expiresMs: known?.expiresMs ?? nowMs + userLimits.authSessionLifetimeMs,
  }
  await context.store.transact((tx) => {
    upsertAuthSession(tx, session)
    pruneAuthSessions(tx, nowMs, userLimits.authSessionsMax)
  })
  return session
}

function challenge(wish: AuthWish, session: AuthSession, error?: readonly [string, string]): AuthOutcome {
  const completed = Object.keys(session.completed)
  return {
    challenge: {
      session: session.session,
      flows: wish.flows.map((stages) => ({ stages: [...stages] })),
      params: wish.params,
      ...(completed.length > 0 ? { completed } : {}),
      ...(error === undefined ? {} : { errcode: error[0], error: error[1] }),
    },
  }
}

/** The user that a password stage names; undefined: it names none. */
export function meantUserOf(auth: { identifier?: unknown; user?: unknown }): string | undefined {
  const { identifier, user } = auth
  if (isJsonObject(identifier) && identifier.type === 'm.id.user' && typeof identifier.user === 'string') {
    return identifier.user
  }
  return typeof user === 'string' ? user : undefined
}
