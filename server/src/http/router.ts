/** From a method and a path to an endpoint; what is not found is told as 404, or 405 if another method is. */

import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { MatrixError } from '../base/index.ts'
import { type Arrived, type Desk, dispatch } from './dispatch.ts'
import type { Endpoint, Method } from './endpoint.ts'
import { createRoute, type Route } from './route.ts'
import type { QueryValues } from './validate.ts'
import { writeError } from './write-reply.ts'

const methods: readonly Method[] = ['GET', 'PUT', 'POST', 'DELETE']

/** Adds all endpoints with their aliases; answers the routes, for the metrics. Throws if two want the same place. */
export function registerEndpoints(app: FastifyInstance, desk: Desk, endpoints: readonly Endpoint[]): readonly Route[] {
  const routes: Route[] = []
  for (const endpoint of endpoints) {
    const route = createRoute(endpoint)
    routes.push(route)
    const { method, path, aliases = [] } = endpoint.declaration
    const handler = handlerOf(desk, route)
    for (const place of [path, ...aliases]) app.route({ method, url: routePattern(place), handler, config: { route } })
  }
  app.setNotFoundHandler(notFoundHandler(app, desk))
  return routes
}

/** `/rooms/{roomId}` as the router writes it. */
function routePattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function handlerOf(desk: Desk, route: Route): RouteHandlerMethod {
  return (request, reply) => {
    reply.hijack()
    void dispatch(desk, route, arrivedOf(request, reply))
  }
}

/** Handles a request all the same whose Content-Type is not one: bodies are judged by what they hold. */
export function handleAnyType(desk: Desk, request: FastifyRequest, reply: FastifyReply): void {
  const { route } = request.routeOptions.config as { route?: Route }
  const handler = route === undefined ? notFoundHandler(request.server, desk) : handlerOf(desk, route)
  handler.call(request.server, request, reply)
}

function arrivedOf(request: FastifyRequest, reply: FastifyReply): Arrived {
  return {
    request: request.raw,
    response: reply.raw,
    params: request.params as Record<string, string>,
    query: request.query as QueryValues,
    requestId: request.id,
  }
}

function notFoundHandler(app: FastifyInstance, desk: Desk): RouteHandlerMethod {
  return (request, reply) => {
    reply.hijack()
    writeError(reply.raw, unrecognized(app, request), request.id, desk.logger)
  }
}

/** Spec: client-server-api#api-standards: an unknown path is 404, a known one with another method 405. */
function unrecognized(app: FastifyInstance, request: FastifyRequest): MatrixError {
  const path = request.url.split('?', 1)[0]!
  const allowed = methods.filter((method) => app.findRoute({ method, url: path }) !== null)
  return allowed.length === 0
    ? new MatrixError('M_UNRECOGNIZED', 'There is no such path.')
    : new MatrixError('M_UNRECOGNIZED', `This path does not answer ${request.method}.`, {}, 405)
}
