/** The cache that forgets what was used longest ago. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lru } from './lru.ts'

test('what was used longest ago is forgotten first; looking whether it is there is no use of it', () => {
  const lru = new Lru<string, number>(3)
  for (const [index, key] of ['a', 'b', 'c'].entries()) lru.set(key, index)
  assert.equal(lru.get('a'), 0)
  assert.equal(lru.has('b'), true)
  lru.set('d', 3)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((key) => lru.has(key)),
    ['a', 'c', 'd'],
  )
})

test('costs are summed, and one entry stays though it costs more than the bound', () => {
  const lru = new Lru<string, number>(10)
  lru.set('a', 1, 4)
  lru.set('b', 2, 4)
  lru.set('a', 3, 5)
  assert.deepEqual([lru.cost, lru.size, lru.get('a')], [9, 2, 3])
  lru.set('c', 4, 100)
  assert.deepEqual([lru.cost, lru.size, lru.get('c')], [100, 1, 4])
  lru.clear()
  assert.deepEqual([lru.cost, lru.size, lru.get('c'), lru.delete('c')], [0, 0, undefined, false])
  lru.set('d', 5)
  assert.deepEqual([lru.cost, lru.get('d')], [1, 5])
})

test('it does as a list of keys in the order of use does', () => {
  const lru = new Lru<number, number>(20)
  let kept: [number, number][] = []
  let seed = 7
  const draw = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let step = 0; step < 20_000; step++) {
    const key = draw(40)
    const found = kept.find(([other]) => other === key)
    const others = kept.filter(([other]) => other !== key)
    const what = draw(4)
    if (what === 0) {
      assert.equal(lru.delete(key), found !== undefined)
      kept = others
    } else if (what === 1) {
      lru.set(key, step)
      kept = [...others, [key, step] as [number, number]].slice(-20)
    } else {
      assert.equal(lru.get(key), found?.[1])
      if (found !== undefined) kept = [...others, found]
    }
    assert.equal(lru.size, kept.length)
  }
})
