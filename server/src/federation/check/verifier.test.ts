/** Verdicts come in their order, wherever they are found, and none is lost with the thread. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createSigningKey, type SignatureCheck, signText } from '@parallax/protocol'
import { createSystemClock } from '../../base/index.ts'
import { createPinoLogger } from '../../base/pino-logger.ts'
import { createVerifier, type Verifier, verifierLimits } from './verifier.ts'

const key = createSigningKey('one', new Uint8Array(32).fill(3))
let verifier: Verifier
before(() => {
  verifier = createVerifier({
    clock: createSystemClock(),
    logger: createPinoLogger({ format: 'json', level: 'error' }),
  })
})
after(() => verifier.close())

const check = (text: string, signed = text): SignatureCheck => ({
  publicKey: key.publicKey,
  signature: signText(key, signed),
  text,
})

/** Every third is wrong; the numbers of those that are right. */
async function verifyMany(count: number): Promise<boolean[]> {
  const each = Array.from({ length: count }, (_, index) => [check(`${index}`, index % 3 === 0 ? 'other' : `${index}`)])
  return Promise.all(each.map((checks) => verifier.verify(checks)))
}

const expected = (count: number) => Array.from({ length: count }, (_, index) => index % 3 !== 0)

test('few are verified, nothing is not right, and one wrong signature spoils the others', async () => {
  assert.deepEqual(await verifyMany(4), expected(4))
  assert.equal(await verifier.verify([]), false)
  assert.equal(await verifier.verify([check('a'), check('b')]), true)
  assert.equal(await verifier.verify([check('a'), check('b', 'c')]), false)
})

test('many are verified, before the thread runs, by it, and while it is stopped', async () => {
  const count = verifierLimits.batchMin * 3
  for (let round = 0; round < 30; round++) {
    assert.deepEqual(await verifyMany(count), expected(count))
    await setTimeout(10)
  }
  const last = verifyMany(count)
  await new Promise(setImmediate)
  await verifier.close()
  assert.deepEqual(await last, expected(count))
  assert.deepEqual(await verifyMany(count), expected(count))
})
