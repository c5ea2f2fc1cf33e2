/**
 * Prints the OpenAPI description (3.1) of this server's own endpoints, those in no Matrix specification, out of
 * their declarations: `npm run --silent openapi > parallax.json`.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endpoints } from '../server/src/api/index.ts'
import type { EndpointDeclaration } from '../server/src/http/index.ts'
import { readAllDeclarations } from './endpoints/all-declarations.ts'
import type { FoundDeclaration } from './endpoints/read-declarations.ts'
import { root } from './tidy/tree.ts'

type Schema = { readonly properties?: Record<string, object>; readonly required?: readonly string[] }

const security: Readonly<Partial<Record<EndpointDeclaration['auth'], readonly object[]>>> = {
  user: [{ accessToken: [] }],
  'user-or-guest': [{ accessToken: [] }],
  'optional-user': [{}, { accessToken: [] }],
  admin: [{ accessToken: [] }],
  server: [{ serverSignature: [] }],
  'any-server': [{ serverSignature: [] }],
}

function parametersOf(place: 'path' | 'query', schema: Schema | undefined): object[] {
  return Object.entries(schema?.properties ?? {}).map(([name, own]) => {
    return { name, in: place, required: place === 'path' || (schema?.required ?? []).includes(name), schema: own }
  })
}

/** The names in the braces of a path, for declarations that say nothing of their form. */
function namedIn(path: string): Schema {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  return { properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) }
}

function describe(declaration: EndpointDeclaration, { name, file }: FoundDeclaration): object {
  const { path, auth, limit, params, query, body, reply, emptyBodyAllowed = false } = declaration
  const error = { description: 'A Matrix error', content: { 'application/json': { schema: matrixError } } }
  const answer = { description: 'The answer', content: { 'application/json': { schema: reply ?? { type: 'object' } } } }
  return {
    operationId: name,
    summary: summaryOf(file),
    tags: [file.split('/')[3]],
    ...(security[auth] !== undefined && { security: security[auth] }),
    ...(auth === 'admin' && { description: 'For admins of this server.' }),
    parameters: [...parametersOf('path', params ?? namedIn(path)), ...parametersOf('query', query)],
    ...(body !== undefined && {
      requestBody: { required: !emptyBodyAllowed, content: { 'application/json': { schema: body } } },
    }),
    responses: { 200: answer, default: error },
    'x-rate-limit': limit,
  }
}

const matrixError = {
  type: 'object',
  required: ['errcode', 'error'],
  properties: { errcode: { type: 'string' }, error: { type: 'string' } },
}

/** What the header of a file says first. */
function summaryOf(file: string): string {
  const [, text = ''] = /^\/\*\*?([\s\S]*?)\*\//.exec(readFileSync(join(root, file), 'utf8')) ?? []
  return text
    .replaceAll(/\n \*/g, '')
    .replace(/\s*Spec: .*$/s, '')
    .trim()
}

function describeAll(): object {
  const found = new Map(readAllDeclarations().map((one) => [`${one.method} ${one.path}`, one]))
  const paths: Record<string, Record<string, object>> = {}
  for (const { declaration } of endpoints) {
    const { method, path, spec } = declaration
    if (!spec.startsWith('parallax#')) continue
    paths[path] ??= {}
    paths[path][method.toLowerCase()] = describe(declaration, found.get(`${method} ${path}`)!)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Parallax', version: '1', description: 'Endpoints of Parallax besides those of Matrix.' },
    paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', description: 'An access token of the client-server API.' },
        serverSignature: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'X-Matrix.' },
      },
    },
  }
}

console.log(JSON.stringify(describeAll(), undefined, 2))
