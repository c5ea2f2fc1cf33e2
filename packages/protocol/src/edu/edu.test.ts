/** EDUs and transactions: parsing, building, bounds. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import type { ServerName } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'
import { buildEdu, groupReceipts } from './build-edu.ts'
import type { RemoteReceipt } from './edu.ts'
import { eduLimits } from './limits.ts'
import { parseEdu } from './parse-edu.ts'
import { parseTransaction } from './parse-transaction.ts'

const origin = 'a.b' as ServerName
const receipt = { event_ids: ['$e'], data: { ts: 5, thread_id: 'main' } }
const samples: readonly JsonObject[] = [
  edu('m.typing', { room_id: '!r:x', user_id: '@u:a.b', typing: true }),
  edu('m.receipt', { '!r:x': { 'm.read': { '@u:a.b': receipt, '@v:a.b': { event_ids: ['$f'], data: { ts: 6 } } } } }),
  edu('m.presence', {
    push: [{ user_id: '@u:a.b', presence: 'online', last_active_ago: 5, currently_active: true, status_msg: 'hi' }],
  }),
  edu('m.device_list_update', {
    ...{ user_id: '@u:a.b', device_id: 'D', stream_id: 6, prev_id: [5], device_display_name: 'Mobile' },
    keys: { algorithms: [], keys: {} },
  }),
  edu('m.device_list_update', { user_id: '@u:a.b', device_id: 'D', stream_id: 7, prev_id: [], deleted: true }),
  edu('m.signing_key_update', { user_id: '@u:a.b', master_key: { usage: ['master'] }, self_signing_key: {} }),
  edu('m.direct_to_device', {
    ...{ sender: '@u:a.b', type: 'm.room_key_request', message_id: 'x' },
    messages: { '@v:c': { D: { a: 1 }, '*': {} }, '@w:c': { E: {} } },
  }),
]

function edu(edu_type: string, content: JsonObject): JsonObject {
  return { edu_type, content }
}

function changed(index: number, change: JsonObject): JsonObject {
  const sample = samples[index]!
  return { ...sample, content: { ...(sample.content as JsonObject), ...change } }
}

test('every kind is parsed and built to the same', () => {
  for (const sample of samples) assert.deepEqual(buildEdu(parseEdu(sample, origin)!), sample)
})

test('an EDU of an unknown type is nothing, a malformed one an error', () => {
  assert.equal(parseEdu(edu('org.example', {}), origin), undefined)
  for (const bad of [
    null,
    [],
    {},
    { edu_type: 1, content: {} },
    { edu_type: 'm.typing' },
    { edu_type: 'x', content: [] },
  ]) {
    assert.throws(() => parseEdu(bad, origin), { name: 'ProtocolError', kind: 'bad-edu' })
  }
})

test('a server speaks only for its own users', () => {
  const foreign = '@u:other'
  for (const bad of [
    changed(0, { user_id: foreign }),
    changed(3, { user_id: foreign }),
    changed(5, { user_id: foreign }),
  ]) {
    assert.throws(() => parseEdu(bad, origin), { kind: 'bad-edu' })
  }
  assert.throws(() => parseEdu(changed(6, { sender: foreign }), origin), { kind: 'bad-edu' })
  const receipts = parseEdu(
    edu('m.receipt', { '!r:x': { 'm.read': { [foreign]: receipt, '@u:a.b': receipt } } }),
    origin,
  )
  assert.deepEqual(receipts, {
    kind: 'receipt',
    receipts: [{ roomId: '!r:x', userId: '@u:a.b', eventId: '$e', ts: 5, threadId: 'main' }],
  })
  const push = [{ user_id: foreign, presence: 'online' }, { user_id: '@u:a.b', presence: 'busy' }, 1]
  assert.deepEqual(parseEdu(edu('m.presence', { push }), origin), { kind: 'presence', updates: [] })
})

test('malformed receipts are left out one by one', () => {
  const read = {
    '@a:a.b': 1,
    '@b:a.b': { event_ids: [] },
    '@c:a.b': { event_ids: ['x'] },
    '@d:a.b': { event_ids: ['$e'] },
  }
  const content = {
    '!r:x': { 'm.read': read, 'm.read.private': {} },
    notARoom: { 'm.read': { '@a:a.b': receipt } },
    '!s:x': 1,
  }
  assert.deepEqual(parseEdu(edu('m.receipt', content), origin), {
    kind: 'receipt',
    receipts: [{ roomId: '!r:x', userId: '@d:a.b', eventId: '$e', ts: 0, threadId: undefined }],
  })
})

test('lists are bounded: the limit passes, one more does not', () => {
  const push = (count: number) =>
    edu('m.presence', { push: Array(count).fill({ user_id: '@u:a.b', presence: 'online' }) })
  const prev = (count: number) => changed(3, { prev_id: Array(count).fill(1) })
  const rooms = (count: number) => edu('m.receipt', Object.fromEntries(range(count).map((nth) => [`!${nth}:x`, {}])))
  const read = (count: number) => Object.fromEntries(range(count).map((nth) => [`@${nth}:a.b`, receipt]))
  const receipts = (count: number) => edu('m.receipt', { '!r:x': { 'm.read': read(count) } })
  const users = (count: number) =>
    changed(6, { messages: Object.fromEntries(range(count).map((nth) => [`@${nth}:c`, {}])) })
  const messages = (count: number) => {
    return changed(6, { messages: { '@v:c': Object.fromEntries(range(count).map((nth) => [`D${nth}`, {}])) } })
  }
  const bounds: [(count: number) => JsonObject, number][] = [
    [push, eduLimits.presencePushMax],
    [prev, eduLimits.prevIdsMax],
    [rooms, eduLimits.receiptRoomsMax],
    [receipts, eduLimits.receiptsMax],
    [users, eduLimits.toDeviceUsersMax],
    [messages, eduLimits.toDeviceMessagesMax],
  ]
  for (const [make, max] of bounds) {
    parseEdu(make(max), origin)
    assert.throws(() => parseEdu(make(max + 1), origin), { kind: 'bad-edu' })
  }
})

test('a transaction has at most 50 events and 100 EDUs, and its sender as origin', () => {
  const transaction = (pdus: number, edus: number) => ({
    origin,
    pdus: Array(pdus).fill({}),
    edus: Array(edus).fill({}),
  })
  assert.equal(parseTransaction(transaction(50, 100), origin).pdus.length, 50)
  assert.deepEqual(parseTransaction({ pdus: [], origin_server_ts: 5 }, origin), {
    originServerTs: 5,
    pdus: [],
    edus: [],
  })
  const bad = [
    transaction(51, 0),
    transaction(0, 101),
    {},
    [],
    { pdus: {} },
    { pdus: [], edus: {} },
    { pdus: [], origin: 'x' },
  ]
  for (const json of bad) assert.throws(() => parseTransaction(json, origin), { kind: 'bad-edu' })
})

test('throws nothing but a typed error on any value', () => {
  const isSafe = (parse: () => unknown) => {
    try {
      parse()
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  const keys = [...new Set(samples.flatMap(({ content }) => Object.keys(content as JsonObject)))]
  const change = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue())
  const nth = fc.nat({ max: samples.length - 1 })
  fc.assert(fc.property(fc.anything(), (json) => isSafe(() => parseEdu(json, origin))))
  fc.assert(fc.property(fc.anything(), (json) => isSafe(() => parseTransaction(json, origin))))
  fc.assert(fc.property(nth, change, (index, set) => isSafe(() => parseEdu(changed(index, set as JsonObject), origin))))
})

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

test('receipts of one user in one room go into EDUs of their own, so that none hides another', () => {
  const receiptOf = (user: string, room: string, threadId: string | undefined) =>
    ({ roomId: room, userId: user, eventId: '$e', ts: 5, threadId }) as RemoteReceipt
  const all = [
    receiptOf('@u:a.b', '!r:x', undefined),
    receiptOf('@u:a.b', '!r:x', '$root'),
    receiptOf('@v:a.b', '!r:x', 'main'),
    receiptOf('@u:a.b', '!s:x', 'main'),
  ]
  const groups = groupReceipts(all)
  assert.deepEqual(groups, [[all[0], all[2], all[3]], [all[1]]])
  const told = groups.flatMap((receipts) => {
    const parsed = parseEdu(buildEdu({ kind: 'receipt', receipts }), origin)
    return parsed?.kind === 'receipt' ? parsed.receipts : []
  })
  assert.equal(told.length, all.length)
  assert.deepEqual(groupReceipts([]), [])
})
