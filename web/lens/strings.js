/** Every text of the page, in British English: a translation is another file like this one. */

const numbers = new Intl.NumberFormat('en-GB')
const percents = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 0 })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const clockTimes = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const decimals = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2, minimumFractionDigits: 2 })

export const formatCount = (count) => (typeof count === 'number' ? numbers.format(count) : 'a few')
export const formatPercent = (share) => percents.format(share)
export const formatTime = (ms) => times.format(new Date(ms))
export const formatDecimal = (value) => decimals.format(value)
const messages = (count) => `${formatCount(count)} ${count === 1 ? 'message' : 'messages'}`

export const strings = {
  title: 'Your viewpoint',
  deviceName: 'Viewpoint page',
  unreachable: 'Your server did not answer. Try again in a moment.',
  signIn: 'Sign in',
  signInLead:
    'See what your lens kept from you, why, and change it. Sign in with your own account; this page forgets it when you close the tab.',
  user: 'User name',
  userHint: 'For example anna, or @anna:example.org',
  password: 'Password',
  signOut: 'Sign out',
  signedOut: 'You are signed out.',
  sessionEnded: 'Your session has ended. Sign in again.',
  refresh: 'Refresh',
  refreshed: 'Up to date.',

  dial: 'Look through',
  dialLead: 'A lens never deletes anything. Turn the dial, look at your rooms, turn it back.',
  positions: {
    off: ['Off', 'Everything, as it was sent'],
    friends: ['Friends', 'Only feeds kept by people'],
    default: ['Default', 'The feeds you follow, trusted with care'],
    strict: ['Strict', 'The same feeds, trusted more'],
  },
  ownLens: 'A lens of yours',
  nowThrough: (name) => (name === null ? 'No lens: you see everything.' : `You look through “${name}”.`),
  tryOther: 'Try somebody else’s lens for ten minutes',
  tryLead:
    'Paste what they gave you. You follow the feeds it names, look through it, and return by yourself after ten minutes.',
  tryCode: 'Their lens, as text',
  tryStart: 'Try it for ten minutes',
  tryBad: 'That is not a lens. It begins with { and names feeds by their addresses.',
  trying: (name, until) =>
    `You are trying “${name}” until ${clockTimes.format(new Date(until))}. Then you return by yourself.`,
  tryUndo: 'Go back now',
  tryKeep: 'Keep it',
  wentBack: (name) => (name === null ? 'Back: no lens, you see everything.' : `Back to “${name}”.`),
  keptLens: (name) => `“${name}” stays.`,
  share: (name) => `Give “${name}” to somebody`,
  shareLead: 'Feeds and trust only: your own rules stay with you.',
  shareText: 'This lens, as text',
  copy: 'Copy',
  copied: 'Copied.',
  triedName: (name) => `Tried: ${name}`.slice(0, 64),

  delete: (name) => `Delete “${name}”`,
  deleted: (name) => `“${name}” is deleted, with its rules: you see everything.`,
  restored: (name) => `“${name}” is back.`,

  week: 'Your week',
  weekOf: (items) => `of ${messages(items)} kept back`,
  weekAll: 'You saw everything.',
  weekKept: (agreed, contested) =>
    `Nearly everyone would keep back ${formatCount(agreed)} of them; on ${formatCount(contested)} views differ.`,
  weekPeek: 'Peek at the newest of them',
  sky: 'Your feeds as stars',
  skyLead:
    'Near the middle: a feed that alone would show you what you see now. Far out: one that would show something else.',
  skyEmpty: 'No feed counts now: choose a lens, and trust some.',
  skyYou: 'you',
  skyTable: 'How much each feed alone would show of what you see',
  skySame: 'The same',

  about: 'What feeds say of you',
  aboutNone: 'No feed that this server follows names you openly.',
  aboutLead: 'These feeds name you. To object, ask who keeps them; what they say is theirs to tell.',
  aboutContact: 'To object:',
  aboutNobody: 'It names nobody to object to.',

  ribbon: 'The last seven days',
  ribbonLead: (items) =>
    items === 0
      ? 'Nothing was sent to your rooms in the last seven days.'
      : `${messages(items)} by others in your rooms.`,
  seen: 'Seen',
  actions: { annotate: 'Noted', blur: 'Blurred', hide: 'Hidden' },
  classes: {
    objective: 'Spam and fraud',
    interpersonal: 'Harassment',
    viewpoint: 'Viewpoints',
    taste: 'Taste',
    quality: 'Quality',
    own: 'Your own rules',
  },
  class: 'Kind',
  ribbonTable: 'What happened to them, by kind',
  nothingKept: 'Your lens kept nothing back.',
  fewNote: 'Counts below five are “a few”: nobody should be found by counting.',
  missed: (share) => `${formatPercent(share)} of those who wrote were not seen at all.`,

  bubble: 'Your bubble',
  bubbleIndex: (index) => `${Math.round(index)} of 100`,
  bands: {
    open: 'Open: what is kept back is what nearly everyone would keep back.',
    filtered: 'Filtered: some of what is kept back, others would have shown you.',
    'one-view': 'You live in one view: much of what is kept back is disputed, or decided by one feed.',
  },
  bandNames: { open: 'open', filtered: 'filtered', 'one-view': 'one view' },
  widen: 'Look without a lens for ten minutes',
  noAttribution: 'No feed decided anything alone.',
  attribution: 'What each feed decided alone',
  attributionHint: 'Without this feed you would have seen so many more.',
  feed: 'Feed',
  decided: 'Messages',
  oneSource: 'One feed decides most of your filtering.',
  contested: (share) => `Disputed, of what is kept back: ${formatPercent(share)}.`,
  diversity: (share) => `Variety lost: ${formatPercent(share)}.`,

  decisions: 'What your lens decided',
  noDecisions: 'Nothing in the last seven days.',
  decision: (action, sender, room) => `${action}: ${sender} in ${room}`,
  why: 'Why?',
  whyOf: (sender) => `Why? About ${sender}`,
  unhide: 'Show this message',
  unhideOf: (sender) => `Show this message by ${sender}`,
  unhideSender: 'Always show this person',
  unhidden: 'Your rule shows it now, in every client.',
  shows: 'It says:',
  encrypted: 'It is encrypted: read it in your usual client.',
  undo: 'Undo',
  undone: 'Undone: your lens decides again.',
  more: 'Show more',
  rules: {
    'own-rule': 'your own rule',
    enforced: 'a feed that you let decide',
    notified: 'a feed that you asked to tell you',
    annotate: 'some evidence',
    'views-differ': 'views differ',
    blur: 'enough evidence to blur',
    hide: 'several feeds agree',
    refuse: 'many feeds agree',
  },
  safety: 'a safety rule',
  sums: 'What each statement adds',
  sumHeads: ['Feed', 'About', 'Says', 'Trust', 'For', 'Against'],
  sumTotal: 'Together',
  counted: 'counted with another of the same origin',
  result: (bad, confidence) =>
    `Together with a little doubt in favour of everyone: ${formatPercent(bad)} against. Certainty: ${formatPercent(confidence)}.`,

  quiet: 'Invitations kept aside',
  noQuiet: 'None.',
  quietFrom: (sender) => `From ${sender}`,
  accept: 'Accept',
  reject: 'Reject',
  accepted: 'Accepted. The room is in your clients now.',
  rejected: 'Rejected.',

  feeds: 'Feeds and trust',
  feedsLead: (name) => `What counts in “${name}”. Nothing changes before you save.`,
  feedsOff: 'The dial is at “Off”. Choose a lens to say what counts in it.',
  noFeeds: 'You follow no feeds yet.',
  trust: 'Trust',
  trustLevels: ['not used', 'curious', 'some', 'good', 'strong', 'as my own'],
  trustValue: (level, of) => `${strings.trustLevels[level]}, ${level} of ${of}`,
  mode: 'It may',
  modes: { notify: 'only tell me', blend: 'count with others', enforce: 'decide alone' },
  otherTrust: (contexts) => `Other trust for ${contexts.join(', ')} stays as it is.`,
  preview: 'Preview',
  save: 'Save',
  saved: 'Saved. Your rooms follow at once.',
  previewNone: (items) => `If saved, nothing changes among ${messages(items)}.`,
  previewSome: ({ hidden, blurred, shown, noted }) => {
    const parts = [
      hidden > 0 && `${messages(hidden)} would be hidden`,
      blurred > 0 && `${messages(blurred)} would be blurred`,
      noted > 0 && `${messages(noted)} would get a note`,
      shown > 0 && `${messages(shown)} would return`,
    ].filter(Boolean)
    return `If saved: ${parts.join(', ')}.`
  },
  previewPeople: (people) => `You would no longer see: ${people.join(', ')}.`,
  health: (health) => `Last look: ${health}. What was good before still counts.`,
  undeclared: 'It does not say what its words mean: trusted less.',
  abandoned: 'It said nothing for 90 days.',
  sizes: ({ opinions, patterns, sealed }) =>
    `Opinions: ${formatCount(opinions)}, patterns: ${formatCount(patterns)}, sealed: ${formatCount(sealed)}`,
  follow: 'Follow another feed',
  address: 'Address of the feed',
  followButton: 'Follow',
  followed: (name) => `You follow “${name}”. Say how much you trust it.`,
  leave: 'Follow no longer',
  leaveOf: (name) => `Follow no longer: ${name}`,
  left: 'You follow it no longer.',
}
