/** What a lens listens to: feeds with trust and mode, and what would change before it is saved. */

import { labelOf } from './dial.js'
import { announce, button, h } from './dom.js'
import * as server from './server.js'
import { strings } from './strings.js'

const levels = ['', 'curious', 'some', 'good', 'strong', 'own']
const PEOPLE_MAX = 10

/** A feed in the lens, with a draft that `read` answers; undefined: it does not count. */
function renderFeed(feed, written, onEdit, leave) {
  const { source, manifest } = feed
  const id = `feed-${source}`
  const start = levels.indexOf(written?.trust['*'] ?? '')
  const value = h('output', { for: `${id}-trust` })
  const trust = h('input', {
    ...{ type: 'range', min: '0', max: '5', step: '1', id: `${id}-trust` },
    value: String(start),
  })
  const mode = h(
    'select',
    { id: `${id}-mode` },
    Object.entries(strings.modes).map(([name, label]) => h('option', { value: name }, label)),
  )
  mode.value = written?.mode ?? 'blend'
  const tell = () => {
    value.textContent = strings.trustLevels[Number(trust.value)]
    trust.setAttribute('aria-valuetext', strings.trustValue(Number(trust.value), 5))
  }
  trust.addEventListener('input', () => {
    tell()
    onEdit()
  })
  mode.addEventListener('change', onEdit)
  tell()
  const others = Object.keys(written?.trust ?? {}).filter((context) => context !== '*')
  const marks = [
    others.length > 0 && strings.otherTrust(others),
    feed.health !== 'good' && strings.health(feed.health),
    !feed.is_declared && strings.undeclared,
    feed.is_abandoned && strings.abandoned,
  ].filter(Boolean)
  const element = h(
    'fieldset',
    { class: 'feed' },
    h('legend', {}, manifest.name),
    h('p', { class: 'fine address' }, feed.address),
    h('p', { class: 'fine' }, strings.sizes(feed)),
    marks.map((mark) => h('p', { class: 'warn' }, mark)),
    h('p', { class: 'field' }, h('label', { for: `${id}-trust` }, strings.trust), trust, value),
    h('p', { class: 'field' }, h('label', { for: `${id}-mode` }, strings.mode), mode),
    button(strings.leave, leave, { id: `${id}-leave`, class: 'plain', 'aria-label': strings.leaveOf(manifest.name) }),
  )
  const read = () => {
    const { '*': _, ...rest } = written?.trust ?? {}
    const level = levels[Number(trust.value)]
    const all = level === '' ? rest : { '*': level, ...rest }
    return Object.keys(all).length === 0 ? undefined : { ...written, source, trust: all, mode: mode.value }
  }
  return { element, read }
}

/** What a preview says, in a sentence or two. */
function tellPreview({ items, changed, changes, newly_hidden_senders: people }) {
  if (changed === 0) return [strings.previewNone(items)]
  const count = (name) => changes.filter(({ after }) => after === name).length
  const counts = { hidden: count('hide'), blurred: count('blur'), noted: count('annotate'), shown: count('none') }
  const named = people.slice(0, PEOPLE_MAX)
  return [strings.previewSome(counts), ...(named.length > 0 ? [strings.previewPeople(named)] : [])]
}

function renderFollow(refresh) {
  const address = h('input', { ...{ id: 'follow-address', type: 'url', autocomplete: 'off' }, required: true })
  const follow = async () => {
    const feed = await server.followFeed(address.value.trim())
    announce(strings.followed(feed.manifest.name))
    await refresh()
  }
  const submit = (event) => {
    event.preventDefault()
    follow().catch((error) => announce(error.message))
  }
  return h(
    'form',
    { onsubmit: submit, class: 'follow' },
    h('h3', {}, strings.follow),
    h('label', { for: 'follow-address' }, strings.address),
    address,
    h('p', { class: 'row' }, h('button', { type: 'submit', id: 'follow' }, strings.followButton)),
  )
}

/** The editor of the chosen lens. */
export function renderFeeds({ feeds, lenses, chosen }, refresh) {
  const title = h('h2', { id: 'feeds-title', tabindex: '-1' }, strings.feeds)
  const lens = chosen === null ? undefined : lenses[chosen]
  if (lens === undefined) return [title, h('p', {}, strings.feedsOff), renderFollow(refresh)]
  const told = h('div', { id: 'preview-told', class: 'note', role: 'status', hidden: true })
  const rows = feeds.map((feed) => {
    const written = lens.subscriptions.find(({ source }) => source === feed.source)
    const leave = async () => {
      await server.leaveFeed(feed.source)
      announce(strings.left)
      await refresh()
    }
    return renderFeed(feed, written, () => (told.hidden = true), leave)
  })
  const draft = () => ({ ...lens, subscriptions: rows.map(({ read }) => read()).filter(Boolean) })
  const preview = async () => {
    const sentences = tellPreview(await server.previewLens(draft()))
    told.hidden = false
    told.replaceChildren(...sentences.map((sentence) => h('p', {}, sentence)))
  }
  const save = async () => {
    await server.putLens(chosen, draft())
    announce(strings.saved)
    await refresh()
  }
  return [
    title,
    h('p', {}, feeds.length === 0 ? strings.noFeeds : strings.feedsLead(labelOf(chosen))),
    h(
      'div',
      { class: 'feeds' },
      rows.map(({ element }) => element),
    ),
    told,
    feeds.length > 0 &&
      h(
        'p',
        { class: 'row' },
        button(strings.preview, preview, { id: 'preview', class: 'main' }),
        button(strings.save, save, { id: 'save' }),
      ),
    renderFollow(refresh),
  ]
}
