/** Events as clients see them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readVectors } from '../../tests/kit/vectors.ts'
import type { JsonObject } from '../json/json.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import { clientContent, clientEvent, clientEventText, strippedStateEvent } from './client-event.ts'
import { parsePdu } from './parse-pdu.ts'
import type { RoomEvent } from './room-event.ts'

type Case = { name: string; version: string; event: JsonObject; event_id: string }
const { cases } = readVectors<{ cases: Case[] }>('event-ids.json')

function eventOf(name: string, version: string): RoomEvent {
  const found = cases.find((candidate) => candidate.name === name && candidate.version === version)!
  return parsePdu(requireRoomRules(version), found.event)
}

test('the spliced text is the object', () => {
  for (const { name, version } of cases) {
    const event = eventOf(name, version)
    const contentText = JSON.stringify(clientContent(event))
    for (const options of [{}, { withRoomId: false }]) {
      assert.deepEqual(
        JSON.parse(clientEventText(event, contentText, undefined, options)),
        clientEvent(event, undefined, options),
      )
    }
    assert.deepEqual(JSON.parse(clientEventText(event, contentText, '{"age":1}')), clientEvent(event, { age: 1 }))
  }
})

test('clients get nothing of the federation format', () => {
  const keys = Object.keys(clientEvent(eventOf('member', '10'), { age: 1 }))
  assert.deepEqual(keys, [
    ...['content', 'event_id', 'origin_server_ts', 'room_id', 'sender', 'state_key', 'type', 'unsigned'],
  ])
})

test('a create event of version 12 has its room ID', () => {
  const event = eventOf('create', '12')
  assert.equal(clientEvent(event).room_id, `!${event.eventId.slice(1)}`)
})

test('a redaction names its target at the top and in the content, whatever the version', () => {
  for (const version of ['1', '10', '11', '12']) {
    const shown = clientEvent(eventOf('redaction', version))
    assert.equal(shown.redacts, '$y')
    assert.deepEqual(shown.content, { redacts: '$y', reason: 'no' })
  }
})

test('the stripped form has four keys', () => {
  assert.deepEqual(strippedStateEvent(eventOf('power levels', '10')), {
    content: { users: { '@a:domain': 100 }, invite: 50 },
    sender: '@a:domain',
    state_key: '',
    type: 'm.room.power_levels',
  })
})
