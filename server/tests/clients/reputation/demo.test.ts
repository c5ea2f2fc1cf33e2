/** The demonstration of relative reputation, as a test: every claim of it holds. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { endTestStores } from '../../kit/store.ts'
import { tellDemo } from './tell-demo.ts'

after(endTestStores)

test('three servers, five feeds, two lenses: every claim of the demonstration holds', async () => {
  const lines: string[] = []
  const { failures } = await tellDemo((line) => lines.push(line))
  assert.deepEqual(failures, [], lines.join('\n'))
})
