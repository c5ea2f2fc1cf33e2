/** Parsing of identifiers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors } from '../tests/kit/vectors.ts'
import { ProtocolError } from './errors.ts'
import type { MxcUri, RoomAlias, ServerName, UserId } from './ids.ts'
import * as ids from './parse-ids.ts'

type Parser = (text: string) => string
const parsers: Readonly<Record<string, Parser>> = {
  serverName: ids.parseServerName,
  userId: ids.parseUserId,
  compliantUserId: ids.parseCompliantUserId,
  newUserId: ids.parseNewUserId,
  roomId: ids.parseRoomId,
  eventId: ids.parseEventId,
  roomAlias: ids.parseRoomAlias,
  deviceId: ids.parseDeviceId,
  keyId: ids.parseKeyId,
  mxcUri: ids.parseMxcUri,
}
type Case = { kind: string; accepted: string[]; refused: string[] }
const { cases } = readVectors<{ cases: Case[] }>('ids.json')

for (const { kind, accepted, refused } of cases) {
  test(`${kind}: takes what is right and refuses what is not`, () => {
    for (const text of accepted) assert.equal(parsers[kind]!(text), text)
    for (const text of refused)
      assert.throws(() => parsers[kind]!(text), { name: 'ProtocolError', kind: 'bad-id' }, text)
  })
}

test('IDs have at most 255 bytes, not characters', () => {
  const sized: [Parser, string][] = [
    [ids.parseUserId, '@'],
    [ids.parseRoomId, '!'],
    [ids.parseRoomAlias, '#'],
  ]
  for (const [parse, sigil] of sized) {
    for (const [unit, count] of [
      ['a', 249],
      ['é', 124],
      ['日', 83],
      ['😀', 62],
    ] as const) {
      parse(`${sigil}${unit.repeat(count)}:a.bc`)
      assert.throws(() => parse(`${sigil}${unit.repeat(count + 1)}:a.bc`), ProtocolError)
    }
  }
  ids.parseEventId(`$${'a'.repeat(254)}`)
  assert.throws(() => ids.parseEventId(`$${'a'.repeat(255)}`), ProtocolError)
})

test('throws nothing but a typed error on any text', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'@!$#:[].a1/\0é') }))
  const isSafe = (parse: Parser, subject: string) => {
    try {
      assert.equal(parse(subject), subject)
    } catch (error) {
      assert.ok(error instanceof ProtocolError)
    }
  }
  fc.assert(fc.property(fc.constantFrom(...Object.values(parsers)), text, isSafe))
})

test('parts of IDs', () => {
  assert.equal(ids.serverNameOf('@a:[::1]:80' as UserId), '[::1]:80')
  assert.equal(ids.localpartOf('#a b:c' as RoomAlias), 'a b')
  assert.equal(ids.findServerName('!hash'), undefined)
  assert.equal(ids.findServerName('!a:b'), 'b')
  assert.deepEqual(ids.splitMxcUri('mxc://a:80/b' as MxcUri), { server: 'a:80', mediaId: 'b' })
  const split = (name: string) => ids.splitServerName(name as ServerName)
  assert.deepEqual(split('a.b'), { host: 'a.b', port: undefined })
  assert.deepEqual(split('a.b:80'), { host: 'a.b', port: 80 })
  assert.deepEqual(split('[::1]:80'), { host: '[::1]', port: 80 })
  assert.deepEqual(split('[::1]'), { host: '[::1]', port: undefined })
})

test('localparts for new users', () => {
  for (const good of ['a', 'a.b_c=d-e/f+0']) assert.equal(ids.isValidNewLocalpart(good), true)
  for (const bad of ['', 'A', 'é', 'a:b', 'a b', 'a\n', '@a']) assert.equal(ids.isValidNewLocalpart(bad), false)
})
