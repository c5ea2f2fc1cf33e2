/** The closed list of the rules by which an event is refused: `<part>.<rule>`. */

export type RefusalRule =
  | 'create.not-first'
  | 'create.bad'
  | 'auth-events.bad'
  | 'member.bad'
  | 'member-join.not-allowed'
  | 'member-join.banned'
  | 'member-invite.not-allowed'
  | 'member-leave.not-allowed'
  | 'member-ban.not-allowed'
  | 'member-knock.not-allowed'
  | 'sender.not-joined'
  | 'power.too-low'
  | 'power-levels.bad'
  | 'power-levels.not-allowed'
  | 'redaction.not-allowed'
