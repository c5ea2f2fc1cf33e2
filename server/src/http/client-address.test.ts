/** Whom a request comes from, through proxies that are trusted or not. */

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { addressOf } from './client-address.ts'

const proxies = new Set(['127.0.0.1', '10.0.0.1'])

function addressFrom(peer: string, forwarded?: string): string {
  const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } }
  return addressOf(request as unknown as IncomingMessage, proxies)
}

test('believes a header of a trusted proxy only', () => {
  assert.equal(addressFrom('127.0.0.1', '192.0.2.7'), '192.0.2.7')
  assert.equal(addressFrom('::ffff:127.0.0.1', '192.0.2.7'), '192.0.2.7')
  assert.equal(addressFrom('192.0.2.1', '192.0.2.7'), '192.0.2.1')
  assert.equal(addressFrom('::ffff:192.0.2.1'), '192.0.2.1')
})

test('takes the last address that no trusted proxy has: what is before it, the client may have made up', () => {
  assert.equal(addressFrom('127.0.0.1', '198.51.100.1, 192.0.2.7, 10.0.0.1'), '192.0.2.7')
  assert.equal(addressFrom('127.0.0.1', ' , 10.0.0.1'), '127.0.0.1')
  assert.equal(addressFrom('127.0.0.1', ''), '127.0.0.1')
})
