/**
 * Compares each endpoint declaration with the operation of the specification that it names: the anchor, who may call,
 * and the file's place, `api/<side>/<spec file>/<operation>.ts`.
 */

import { coverageOf, readAllDeclarations, sideOf } from './endpoints/all-declarations.ts'
import type { FoundDeclaration } from './endpoints/read-declarations.ts'
import { anchorOf, kebabOf, type SpecOperation } from './endpoints/spec-operations.ts'

const ownLink = /^(?:msc\d+|parallax|synapse)#[\w-]+$/
/** Operations that stand elsewhere, each with its reason. Key: side, file and operation. */
const elsewhere: Readonly<Record<string, string>> = {
  // Asked by servers, but without a signature, and beside the document that clients ask for.
  'server-server/wellknown.yaml getWellKnown': 'server/src/api/client/wellknown/get-wellknown-server.ts',
}
const callers: Record<SpecOperation['auth'], readonly string[]> = {
  none: ['none', 'optional-user', 'any-server'],
  token: ['user', 'user-or-guest', 'admin'],
  'optional-token': ['none', 'optional-user', 'user', 'user-or-guest'],
  'appservice-token': ['appservice'],
  'homeserver-token': [],
  signature: ['server'],
}

function checkOperation(operation: SpecOperation, found: FoundDeclaration): string[] {
  const wrong: string[] = []
  const [side, name] = operation.file.replace('.yaml', '').split('/') as [string, string]
  const link = `${side}#${anchorOf(operation.method, operation.path)}`
  if (found.spec !== link) wrong.push(`names ${found.spec}; the operation is ${link}`)
  if (!callers[operation.auth].includes(found.auth)) {
    wrong.push(`lets ${found.auth} call; the specification says ${operation.auth}`)
  }
  const usual = `server/src/api/${sideOf(found)}/${kebabOf(name)}/${kebabOf(operation.operationId)}.ts`
  const place = elsewhere[`${operation.file} ${operation.operationId}`] ?? usual
  if (found.file !== place) wrong.push(`belongs into ${place}`)
  return wrong
}

const declarations = readAllDeclarations()
const operations = new Map<FoundDeclaration, SpecOperation>()
for (const [operation, found] of coverageOf(declarations)) {
  if (found !== undefined && !operations.has(found)) operations.set(found, operation)
}
let count = 0
for (const found of declarations) {
  const operation = operations.get(found)
  const isOwn = ownLink.test(found.spec ?? '')
  const unknown = isOwn ? [] : [`${found.spec} is no operation of the specification`]
  for (const text of operation === undefined ? unknown : checkOperation(operation, found)) {
    count++
    console.log(`${found.file}:${found.line}: spec: ${text}`)
  }
}
console.log(`spec links: ${declarations.length} endpoints, ${count} findings`)
process.exitCode = count > 0 ? 1 : 0
