/** The OpenAPI description of our own endpoints says what their declarations say. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly security?: object[]
  readonly parameters: { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: { content: { 'application/json': { schema: { properties: Record<string, object> } } } }
}

const script = fileURLToPath(new URL('./openapi.ts', import.meta.url))
const { paths } = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 10_000_000 })) as {
  paths: Record<string, Record<string, Operation>>
}

test('every operation has a name of its own, a sentence, and all parameters of its path', () => {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => [path, operation] as const),
  )
  assert.ok(all.length > 40)
  assert.equal(new Set(all.map(([, { operationId }]) => operationId)).size, all.length)
  for (const [path, { summary, parameters }] of all) {
    assert.match(summary, /^[^*]+\.$/, path)
    const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    assert.deepEqual(named.sort(), [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort(), path)
  }
})

test('the lens of the server is described with its body, and for who may write it', () => {
  const { put } = paths['/_parallax/reputation/v1/server/lens']!
  assert.deepEqual(put?.security, [{ accessToken: [] }])
  assert.deepEqual(Object.keys(put?.requestBody?.content['application/json'].schema.properties ?? {}), [
    'lens',
    'reason',
  ])
})
