/** The log of decisions, each with its reason and one step to undo it; and invitations kept aside. */

import { announce, button, h } from './dom.js'
import { renderExplanation } from './ribbon.js'
import * as server from './server.js'
import { formatTime, strings } from './strings.js'

const PAGE = 20

/** A button that opens and closes the reason below it. */
function whyButton(id, explanationId, label) {
  const place = h('div', { id: `${id}-why`, class: 'why', hidden: true })
  const toggle = button(
    strings.why,
    async (element) => {
      const isOpen = element.getAttribute('aria-expanded') === 'true'
      if (!isOpen) place.replaceChildren(renderExplanation(await server.explainVerdict(explanationId)))
      element.setAttribute('aria-expanded', String(!isOpen))
      place.hidden = isOpen
    },
    { id: `${id}-ask`, 'aria-expanded': 'false', 'aria-controls': `${id}-why`, 'aria-label': label },
  )
  return { toggle, place }
}

/** What decided, of which kind; of severe contexts nothing more than that. */
function groundOf({ rule, class: kind }) {
  if (rule === undefined) return strings.safety
  return rule === 'own-rule' ? strings.rules[rule] : `${strings.classes[kind]}: ${strings.rules[rule]}`
}

function renderDecision(decision, index, touched) {
  const { event_id: eventId, room_id: roomId, sender, origin_server_ts: ts, action } = decision
  const id = `decision-${index}`
  const { toggle, place } = whyButton(id, decision.explanation_id, strings.whyOf(sender))
  const room = h('span', {}, roomId)
  server.nameRoom(roomId).then((name) => room.replaceChildren(name))
  const said = h('div', { class: 'said' })
  const acts = h('p', { class: 'row' }, toggle)
  const show = async () => {
    await server.setRule('event', eventId, 'allow')
    const { content } = await server.readEvent(roomId, eventId)
    const text = typeof content.body === 'string' ? content.body : undefined
    said.replaceChildren(
      text === undefined ? h('p', {}, strings.encrypted) : h('p', {}, strings.shows, ' ', h('q', {}, text)),
    )
    acts.replaceChildren(toggle, undo)
    undo.focus()
    touched()
    announce(strings.unhidden)
  }
  const takeBack = async () => {
    await server.setRule('event', eventId, null)
    said.replaceChildren()
    acts.replaceChildren(toggle, unhide)
    unhide.focus()
    touched()
    announce(strings.undone)
  }
  const unhide = button(strings.unhide, show, { id: `${id}-show`, 'aria-label': strings.unhideOf(sender) })
  const undo = button(strings.undo, takeBack, { id: `${id}-undo` })
  acts.append(unhide)
  return h(
    'li',
    { class: `decision ${action}` },
    h('p', {}, h('strong', {}, strings.actions[action]), ' ', h('bdi', {}, sender), ' – ', h('bdi', {}, room)),
    h('p', { class: 'fine' }, `${formatTime(ts)}, ${groundOf(decision)}`),
    said,
    acts,
    place,
  )
}

/** The newest first, a page of them at once; `touched`: counts elsewhere have changed. */
export function renderDecisions({ decisions }, touched) {
  const list = h('ol', { class: 'log', 'aria-labelledby': 'decisions-title' })
  let shown = 0
  const next = () => {
    for (const decision of decisions.slice(shown, shown + PAGE)) list.append(renderDecision(decision, shown++, touched))
    more.hidden = shown >= decisions.length
  }
  const more = button(strings.more, () => {
    const first = shown
    next()
    document.getElementById(`decision-${first}-ask`)?.focus()
  })
  next()
  return [
    h('h2', { id: 'decisions-title', tabindex: '-1' }, strings.decisions),
    decisions.length === 0 ? h('p', {}, strings.noDecisions) : list,
    more,
  ]
}

/** Invitations of whom the lens hides. */
export function renderQuiet({ quiet }, refresh) {
  const answer = (roomId, how, told) => async () => {
    await server.answerInvite(roomId, how)
    announce(told)
    await refresh()
  }
  const items = quiet.map(({ room_id: roomId, sender, origin_server_ts: ts, explanation_id: why }, index) => {
    const asked = why === undefined ? undefined : whyButton(`quiet-${index}`, why, strings.whyOf(sender))
    return h(
      'li',
      { class: 'decision hide' },
      h('p', {}, h('bdi', {}, strings.quietFrom(sender))),
      h('p', { class: 'fine' }, `${roomId}, ${formatTime(ts)}`),
      h(
        'p',
        { class: 'row' },
        asked?.toggle,
        button(strings.accept, answer(roomId, 'join', strings.accepted)),
        button(strings.reject, answer(roomId, 'leave', strings.rejected)),
      ),
      asked?.place,
    )
  })
  return [
    h('h2', { id: 'quiet-title', tabindex: '-1' }, strings.quiet),
    items.length === 0 ? h('p', {}, strings.noQuiet) : h('ul', { class: 'log' }, items),
  ]
}
