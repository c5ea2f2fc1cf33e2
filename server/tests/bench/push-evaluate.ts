/** How long push rules take for one message and 1,000 members. Prints one JSON line for each kind of members. */

import {
  compilePushRules,
  createEventEvaluator,
  noStoredPushRules,
  parsePushRule,
  putPushRule,
  type RoomEvent,
  type UserId,
} from '@parallax/protocol'

const memberCount = 1_000
const rounds = 200
const ids = Array.from({ length: memberCount }, (_, index) => `@user${index}:example.org` as UserId)

const event: RoomEvent = {
  eventId: '$event' as RoomEvent['eventId'],
  roomId: '!room' as RoomEvent['roomId'],
  type: 'm.room.message',
  sender: '@sender:example.org' as UserId,
  stateKey: undefined,
  content: {
    msgtype: 'm.text',
    body: 'Shall we bake a cake for tea? '.repeat(4),
    'm.mentions': { user_ids: ids.slice(0, 50) },
  },
  originServerTs: 1,
  depth: 1,
  prevEvents: [],
  authEvents: [],
  redacts: undefined,
  pdu: {},
}

/** Members by kind: those who never changed a rule, and those with three words of their own and a muted room. */
const withWords = ['cake*lie', 'user', 'coffee'].reduce(
  (stored, pattern) =>
    putPushRule(stored, 'content', parsePushRule('content', pattern, { actions: ['notify'], pattern })),
  putPushRule(noStoredPushRules, 'room', parsePushRule('room', '!muted', { actions: [] })),
)

for (const [name, stored] of [
  ['default', noStoredPushRules],
  ['own-words', withWords],
] as const) {
  const members = ids.map((userId) => compilePushRules(userId, stored))
  const times: number[] = []
  let notified = 0
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now()
    const evaluator = createEventEvaluator(event, { memberCount, senderPower: 0, notificationLevels: undefined })
    for (const rules of members) if (evaluator.evaluate(rules).notify) notified += 1
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  const [worstMs, medianMs] = [times.at(-1)!, times[rounds >> 1]!]
  console.log(JSON.stringify({ bench: 'push-evaluate', rules: name, memberCount, medianMs, worstMs, notified }))
}
