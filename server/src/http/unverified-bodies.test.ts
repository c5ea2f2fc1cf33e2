/** What bodies may hold before it is proven whose they are: at the bound, and one byte past it. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createUnverifiedBodies } from './unverified-bodies.ts'

it('bounds what one address holds, and all together; what is closed counts no more', () => {
  const bodies = createUnverifiedBodies(100, 60)
  const one = bodies.open('192.0.2.1')
  one.add(60)
  assert.throws(() => one.add(1), { errcode: 'M_LIMIT_EXCEEDED' })
  const sameAddress = bodies.open('192.0.2.1')
  assert.throws(() => sameAddress.add(1), { errcode: 'M_LIMIT_EXCEEDED' })
  const other = bodies.open('192.0.2.2')
  other.add(40)
  assert.throws(() => other.add(1), { errcode: 'M_LIMIT_EXCEEDED' })
  one.close()
  one.close()
  assert.equal(bodies.size, 40)
  sameAddress.add(60)
  for (const body of [sameAddress, other]) body.close()
  assert.equal(bodies.size, 0)
})
