/** Server ACLs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ServerName } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'
import { compileServerAcl } from './server-acl.ts'

function allows(content: JsonObject | undefined, server: string): boolean {
  return compileServerAcl(content).allows(server as ServerName)
}

test('without a list everybody is allowed, with an empty one nobody', () => {
  assert.equal(allows(undefined, 'a.b'), true)
  assert.equal(allows({}, 'a.b'), false)
  assert.equal(allows({ allow: [] }, 'a.b'), false)
  assert.equal(allows({ allow: 'a.b', deny: {} }, 'a.b'), false)
})

test('deny goes before allow; case and port do not count', () => {
  const acl = { allow: ['*'], deny: ['evil.com', '*.evil.com', 'BAD?.org'] }
  const denied = ['evil.com', 'EVIL.com', 'evil.com:8448', 'x.evil.com', 'x.y.evil.com:1', 'bad1.org', '.evil.com']
  for (const server of denied) assert.equal(allows(acl, server), false, server)
  for (const server of ['good.com', 'evil.com.org', 'notevil.com', 'bad.org', 'bad12.org']) {
    assert.equal(allows(acl, server), true, server)
  }
  assert.equal(allows({ allow: ['a.b'] }, 'A.B:80'), true)
  assert.equal(allows({ allow: ['a.b:80'] }, 'a.b:80'), false)
})

test('IP literals can be denied as such', () => {
  const literals = ['1.2.3.4', '1.2.3.4:80', '[::1]', '[::1]:80']
  for (const server of literals) {
    assert.equal(allows({ allow: ['*'] }, server), true)
    assert.equal(allows({ allow: ['*'], allow_ip_literals: 'false' }, server), true)
    assert.equal(allows({ allow: ['*'], allow_ip_literals: false }, server), false)
  }
  assert.equal(allows({ allow: ['*'], allow_ip_literals: false }, '1.2.3.4.org'), true)
  assert.equal(allows({ allow: ['1.2.3.*'] }, '1.2.3.4:80'), true)
  assert.equal(allows({ allow: ['[::*]'] }, '[::1]:80'), true)
})

test('entries that are no patterns are ignored; other characters of regular expressions mean themselves', () => {
  assert.equal(allows({ allow: [1, null, ['*'], { a: '*' }, 'a.b'] }, 'a.b'), true)
  assert.equal(allows({ allow: ['*'], deny: ['a.b'] }, 'axb'), true)
  assert.equal(allows({ allow: ['(a|b)+'] }, 'a'), false)
})

test('a glob agrees with the obvious regular expression', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 })
  const server = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 10 })
  const agrees = (glob: string, name: string) => {
    const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
    assert.equal(allows({ allow: [glob] }, name), new RegExp(`^${source}$`).test(name))
  }
  fc.assert(fc.property(pattern, server, agrees), { numRuns: 300 })
})

test('a list made to explode is judged in no time', () => {
  const acl = compileServerAcl({ allow: ['*'], deny: Array<string>(600).fill(`${'*a'.repeat(50)}*b`) })
  const begin = performance.now()
  assert.equal(acl.allows('a'.repeat(255) as ServerName), true)
  assert.ok(performance.now() - begin < 500)
})
