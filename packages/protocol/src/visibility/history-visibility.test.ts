/** History visibility against the truth table. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  canReadRoom,
  isVisible,
  isVisibleToServer,
  readHistoryVisibility,
  type ServerVisibilityQuestion,
  type VisibilityQuestion,
} from './history-visibility.ts'

type Row<Question> = Question & { readonly name?: string; readonly visible: boolean }
type VectorFile = {
  readonly users: readonly Row<VisibilityQuestion>[]
  readonly servers: readonly Row<ServerVisibilityQuestion>[]
}

const file = new URL('../../vectors/visibility/history-visibility.json', import.meta.url)
const vectors: VectorFile = JSON.parse(readFileSync(file, 'utf8'))

for (const { name, visible, ...question } of vectors.users) {
  const { visibility, membership, joinedLater } = question
  const title =
    name ?? `${visibility}, ${membership} at the event, ${joinedLater ? 'joined later' : 'not joined later'}`
  test(`visibility: ${title}`, () => assert.equal(isVisible(question), visible))
}

for (const { name, visible, ...question } of vectors.servers) {
  test(`visibility to a server: ${name}`, () => assert.equal(isVisibleToServer(question), visible))
}

test('an absent or unknown visibility is shared', () => {
  for (const content of [undefined, {}, { history_visibility: 'secret' }, { history_visibility: 7 }]) {
    assert.equal(readHistoryVisibility(content), 'shared')
  }
  for (const value of ['world_readable', 'shared', 'invited', 'joined']) {
    assert.equal(readHistoryVisibility({ history_visibility: value }), value)
  }
})

test('who never joined reads only a world-readable room', () => {
  assert.equal(canReadRoom('world_readable', false), true)
  assert.equal(canReadRoom('shared', false), false)
  assert.equal(canReadRoom('joined', true), true)
})
