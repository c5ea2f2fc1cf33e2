/** Query values get their types, and faults their codes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import type { MatrixError } from '../base/index.ts'
import { compileChecks } from './validate.ts'

const declaration = {
  method: 'POST',
  path: '/x/{id}',
  auth: 'none',
  limit: 'none',
  spec: 'parallax#test',
  params: Type.Object({ id: Type.String({ maxLength: 3 }) }),
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    full: Type.Optional(Type.Boolean()),
    via: Type.Optional(Type.Array(Type.String())),
    dir: Type.Union([Type.Literal('b'), Type.Literal('f')]),
  }),
  body: Type.Object({ name: Type.String(), inner: Type.Optional(Type.Object({ deep: Type.String() })) }),
} as const

const checks = await compileChecks(declaration)

function errcodeOf(task: () => unknown): string {
  try {
    task()
    return 'none'
  } catch (error) {
    return (error as MatrixError).errcode
  }
}

test('reads numbers, switches and lists of a query, and leaves out what is not declared', () => {
  const given = { limit: '10', full: 'true', via: 'a', dir: ['f', 'b'], other: 'x' }
  assert.deepEqual(checks.query(given), { limit: 10, full: true, via: ['a'], dir: 'f' })
})

test('tells missing from wrong', () => {
  assert.equal(
    errcodeOf(() => checks.query({})),
    'M_MISSING_PARAM',
  )
  for (const wrong of [{ limit: '1.5' }, { limit: '' }, { limit: '-1' }, { full: '1' }, { dir: 'x' }, { via: 'a\0' }]) {
    assert.equal(
      errcodeOf(() => checks.query({ dir: 'b', ...wrong })),
      'M_INVALID_PARAM',
      JSON.stringify(wrong),
    )
  }
  assert.equal(
    errcodeOf(() => checks.params({ id: 'four' })),
    'M_INVALID_PARAM',
  )
  assert.equal(
    errcodeOf(() => checks.params({ id: 'a\0' })),
    'M_INVALID_PARAM',
  )
  assert.equal(
    errcodeOf(() => checks.body({})),
    'M_MISSING_PARAM',
  )
  assert.equal(
    errcodeOf(() => checks.body({ name: 1 })),
    'M_BAD_JSON',
  )
  assert.equal(
    errcodeOf(() => checks.body({ name: 'x', inner: {} })),
    'M_BAD_JSON',
  )
})

test('ignores fields of a body that are not declared, and keeps them', () => {
  assert.deepEqual(checks.body({ name: 'x', more: [1] }), { name: 'x', more: [1] })
})
