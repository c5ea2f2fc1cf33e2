/** The server-default push rules of v1.19. Spec: client-server-api#predefined-rules. */

import type { UserId } from '../ids.ts'
import type { PushAction, PushCondition, PushRule, PushRuleKind, PushRuleset } from './rules.ts'

/** Stands above even the user's own rules. */
export const masterRuleId = '.m.rule.master'

const sound = (value: string): PushAction => ({ set_tweak: 'sound', value })
const highlight: PushAction = { set_tweak: 'highlight' }
const match = (key: string, pattern: string): PushCondition => ({ kind: 'event_match', key, pattern })
const twoMembers: PushCondition = { kind: 'room_member_count', is: '2' }

function rule(name: string, conditions: PushCondition[], actions: PushAction[], enabled = true): PushRule {
  return { rule_id: `.m.rule.${name}`, default: true, enabled, conditions, actions }
}

/** The default overrides that are the same for everybody, by where they stand around the two personal ones. */
const master = rule('master', [], [], false)
const suppressNotices = rule('suppress_notices', [match('content.msgtype', 'm.notice')], [])
const memberEvent = rule('member_event', [match('type', 'm.room.member')], [])
const afterMentions: readonly PushRule[] = [
  rule(
    'is_room_mention',
    [
      { kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true },
      { kind: 'sender_notification_permission', key: 'room' },
    ],
    ['notify', highlight],
  ),
  rule('tombstone', [match('type', 'm.room.tombstone'), match('state_key', '')], ['notify', highlight]),
  rule('reaction', [match('type', 'm.reaction')], []),
  rule('room.server_acl', [match('type', 'm.room.server_acl'), match('state_key', '')], []),
  rule(
    'suppress_edits',
    [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
    [],
  ),
]

const underride: readonly PushRule[] = [
  rule('call', [match('type', 'm.call.invite')], ['notify', sound('ring')]),
  rule('encrypted_room_one_to_one', [twoMembers, match('type', 'm.room.encrypted')], ['notify', sound('default')]),
  rule('room_one_to_one', [twoMembers, match('type', 'm.room.message')], ['notify', sound('default')]),
  rule('message', [match('type', 'm.room.message')], ['notify']),
  rule('encrypted', [match('type', 'm.room.encrypted')], ['notify']),
]

function inviteForMe(userId: UserId): PushRule {
  const conditions = [match('type', 'm.room.member'), match('content.membership', 'invite'), match('state_key', userId)]
  return rule('invite_for_me', conditions, ['notify', sound('default')])
}

function userMention(userId: UserId): PushRule {
  const condition = { kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId }
  return rule('is_user_mention', [condition], ['notify', sound('default'), highlight])
}

/** The server-default rules of a user, most important first; rules that do not name the user are shared objects. */
export function defaultRuleset(userId: UserId): PushRuleset {
  return {
    override: [master, suppressNotices, inviteForMe(userId), memberEvent, userMention(userId), ...afterMentions],
    content: [],
    room: [],
    sender: [],
    underride: [...underride],
  }
}

/** The default rules that are the same for everybody, in order. */
export const impersonalDefaultRules: readonly PushRule[] = [
  master,
  suppressNotices,
  memberEvent,
  ...afterMentions,
  ...underride,
]

/** The kind of the server-default rule with this ID; undefined: there is none. */
export function findDefaultRuleKind(ruleId: string): PushRuleKind | undefined {
  return defaultRuleKinds.get(ruleId)
}

const defaultRuleKinds: ReadonlyMap<string, PushRuleKind> = new Map([
  ...defaultRuleset('@:' as UserId).override.map(({ rule_id }) => [rule_id, 'override'] as const),
  ...underride.map(({ rule_id }) => [rule_id, 'underride'] as const),
])
