/** An endpoint at work: its checks, compiled at the first call, and what is counted of it. */

import type { Endpoint } from './endpoint.ts'
import { type Checks, compileChecks } from './validate.ts'

export type Route = {
  readonly endpoint: Endpoint
  /** Undefined before the first call. */
  checks: Checks | undefined
  /** Replies by status. */
  readonly replies: Map<number, number>
  /** Time spent, all calls together; long polls count with their wait. */
  totalMs: number
}

/** A route that was not called yet. */
export function createRoute(endpoint: Endpoint): Route {
  return { endpoint, checks: undefined, replies: new Map(), totalMs: 0 }
}

/** The checks of a route, compiled if this is its first call. */
export async function readyChecks(route: Route): Promise<Checks> {
  route.checks ??= await compileChecks(route.endpoint.declaration)
  return route.checks
}

/** Counts one reply. */
export function countReply(route: Route, status: number, durationMs: number): void {
  route.replies.set(status, (route.replies.get(status) ?? 0) + 1)
  route.totalMs += durationMs
}
