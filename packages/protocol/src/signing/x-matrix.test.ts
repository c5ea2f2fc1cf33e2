/** The X-Matrix header. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testKey, testSigner } from '../../tests/kit/vectors.ts'
import { ProtocolError } from '../errors.ts'
import type { ServerName } from '../ids.ts'
import {
  buildXMatrix,
  parseXMatrix,
  requestText,
  type SignedRequest,
  verifyRequest,
  xMatrixHeaderCharsMax,
} from './x-matrix.ts'

const request: SignedRequest = {
  method: 'PUT',
  uri: '/_matrix/federation/v1/send/1?a=b',
  origin: 'domain' as ServerName,
  destination: 'other:8448' as ServerName,
  content: { b: 1, a: [] },
}

test('a header that we build is read back and verifies', () => {
  const parsed = parseXMatrix(buildXMatrix(request, testSigner))
  assert.deepEqual(
    { ...parsed, signature: '' },
    {
      ...{ origin: 'domain', destination: 'other:8448', keyId: 'ed25519:1', signature: '' },
    },
  )
  assert.equal(verifyRequest(request, parsed.signature, testKey.publicKey), true)
  assert.equal(verifyRequest({ ...request, method: 'POST' }, parsed.signature, testKey.publicKey), false)
  assert.equal(verifyRequest({ ...request, content: undefined }, parsed.signature, testKey.publicKey), false)
})

test('the signed text has the body under content, if there is one', () => {
  const head = '"destination":"other:8448","method":"PUT","origin":"domain","uri":"/_matrix/federation/v1/send/1?a=b"}'
  assert.equal(requestText(request), `{"content":{"a":[],"b":1},${head}`)
  assert.equal(requestText({ ...request, content: undefined }), `{${head}`)
})

test('reads every spelling that the specification allows', () => {
  const expected = { origin: 'a:80', destination: undefined, keyId: 'ed25519:k_1', signature: 'ab+/c' }
  for (const header of [
    'X-Matrix origin="a:80",key="ed25519:k_1",sig="ab+/c"',
    'X-Matrix origin=a:80,key=ed25519:k_1,sig=ab+/c',
    'x-matrix   Origin = a:80 , KEY="ed25519:k_1"\t,\tSig="ab\\+/c",new="x, y"',
    'X-Matrix sig="ab+/c",key="ed25519:k_1",origin="a:80" ',
  ]) {
    assert.deepEqual(parseXMatrix(header), expected)
  }
})

test('refuses what is incomplete, doubled, malformed or too long', () => {
  for (const header of [
    '',
    'Bearer x',
    'X-Matrix ',
    'X-Matrix origin=a,key=ed25519:1',
    'X-Matrix origin=a,sig=x',
    'X-Matrix key=ed25519:1,sig=x',
    'X-Matrix origin=a,origin=b,key=ed25519:1,sig=x',
    'X-Matrix origin=a_b,key=ed25519:1,sig=x',
    'X-Matrix origin=a,destination="",key=ed25519:1,sig=x',
    'X-Matrix origin=a,key=1,sig=x',
    'X-Matrix origin="a,key=ed25519:1,sig=x',
    `X-Matrix origin=a,key=ed25519:1,sig=${'x'.repeat(xMatrixHeaderCharsMax)}`,
  ]) {
    assert.throws(() => parseXMatrix(header), { name: 'ProtocolError', kind: 'bad-signature' }, header)
  }
})

test('throws nothing but a typed error on any header', () => {
  const isSafe = (rest: string) => {
    try {
      parseXMatrix(`X-Matrix ${rest}`)
    } catch (error) {
      assert.ok(error instanceof ProtocolError)
    }
  }
  fc.assert(fc.property(fc.string(), isSafe))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'origns="\\, :a') }), isSafe))
})
