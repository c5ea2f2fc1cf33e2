/** The lens dial: off, friends, default, strict, lenses of one's own, and somebody else's for ten minutes. */

import { announce, button, h } from './dom.js'
import { readLens, writeLens } from './portable.js'
import * as server from './server.js'
import { strings } from './strings.js'

const TRY_MS = 10 * 60_000
const made = ['friends', 'default', 'strict']

/** What a position of the dial is before its owner changes it. */
function buildLens(position, feeds) {
  const isIn = ({ manifest }) => position !== 'friends' || manifest.class === 'human'
  const level = position === 'strict' ? 'strong' : 'good'
  const subscriptions = feeds.filter(isIn).map(({ source }) => ({ source, trust: { '*': level }, mode: 'blend' }))
  return { subscriptions: subscriptions.slice(0, 50) }
}

export function createDial(state, refresh) {
  async function choose(name) {
    if (made.includes(name) && state.lenses[name] === undefined) {
      await server.putLens(name, buildLens(name, state.feeds))
    }
    await server.chooseLens(name)
    state.deleted = undefined
    announce(strings.nowThrough(name === null ? null : labelOf(name)))
    await refresh()
  }

  async function goBack() {
    const { before } = state
    await server.chooseLens(before)
    announce(strings.wentBack(before === null ? null : labelOf(before)))
    await refresh()
  }

  function position(name, label, hint) {
    const id = `lens-${name === null ? 'off' : name}`
    const input = h('input', {
      ...{ type: 'radio', name: 'lens', id, checked: state.chosen === name, 'aria-describedby': `${id}-hint` },
      onchange: () => choose(name).catch((error) => announce(error.message)),
    })
    const words = h('label', { for: id }, h('strong', {}, label), h('span', { id: `${id}-hint` }, hint))
    return h('div', { class: 'position' }, input, words)
  }

  function listPositions() {
    const own = Object.keys(state.lenses).filter((name) => !made.includes(name))
    return [
      position(null, ...strings.positions.off),
      ...made.map((name) => position(name, ...strings.positions[name])),
      ...own.map((name) => position(name, name, strings.ownLens)),
    ]
  }

  function tryingNote() {
    if (state.until === undefined) return undefined
    const keep = async () => {
      await server.chooseLens(state.chosen)
      announce(strings.keptLens(labelOf(state.chosen)))
      await refresh()
    }
    return h(
      'div',
      { class: 'note' },
      h('p', {}, strings.trying(labelOf(state.chosen), state.until)),
      h(
        'p',
        { class: 'row' },
        button(strings.tryUndo, goBack, { id: 'try-undo', class: 'main' }),
        button(strings.tryKeep, keep, { id: 'try-keep' }),
      ),
    )
  }

  function tryForm() {
    const text = h('textarea', { id: 'try-code', rows: '4', spellcheck: 'false', autocomplete: 'off' })
    const start = async () => {
      const { name, lens } = await readLens(text.value, state.feeds)
      await server.putLens(name, lens)
      await server.chooseLens(name, TRY_MS)
      announce(strings.nowThrough(name))
      await refresh()
    }
    return h(
      'details',
      { id: 'try' },
      h('summary', {}, strings.tryOther),
      h('p', {}, strings.tryLead),
      h('label', { for: 'try-code' }, strings.tryCode),
      text,
      h('p', { class: 'row' }, button(strings.tryStart, start, { id: 'try-start', class: 'main' })),
    )
  }

  function shareForm() {
    const lens = state.chosen === null ? undefined : state.lenses[state.chosen]
    if (lens === undefined) return undefined
    const text = h('textarea', { id: 'share-text', rows: '4', readonly: true, spellcheck: 'false' })
    text.value = writeLens(labelOf(state.chosen), lens, state.feeds)
    const copy = async () => {
      text.select()
      await navigator.clipboard?.writeText(text.value)
      announce(strings.copied)
    }
    return h(
      'details',
      { id: 'share' },
      h('summary', {}, strings.share(labelOf(state.chosen))),
      h('p', {}, strings.shareLead),
      h('label', { for: 'share-text' }, strings.shareText),
      text,
      h('p', { class: 'row' }, button(strings.copy, copy, { id: 'share-copy' })),
    )
  }

  /** One step, and one step back: a lens is quickly lost and slowly made. */
  function deleteForm() {
    const { deleted } = state
    if (deleted !== undefined) {
      const restore = async () => {
        await server.putLens(deleted.name, deleted.lens)
        await server.chooseLens(deleted.name)
        state.deleted = undefined
        announce(strings.restored(labelOf(deleted.name)))
        await refresh()
      }
      const undo = button(strings.undo, restore, { id: 'delete-undo' })
      return h(
        'div',
        { class: 'note' },
        h('p', {}, strings.deleted(labelOf(deleted.name))),
        h('p', { class: 'row' }, undo),
      )
    }
    const lens = state.chosen === null ? undefined : state.lenses[state.chosen]
    if (lens === undefined || state.until !== undefined) return undefined
    const remove = async () => {
      state.deleted = { name: state.chosen, lens }
      await server.removeLens(state.chosen)
      announce(strings.deleted(labelOf(state.deleted.name)))
      await refresh()
      document.getElementById('delete-undo')?.focus()
    }
    return h('p', {}, button(strings.delete(labelOf(state.chosen)), remove, { id: 'delete', class: 'plain' }))
  }

  return () => [
    h('h2', { id: 'dial-title', tabindex: '-1' }, strings.dial),
    h('p', { id: 'dial-lead' }, strings.dialLead),
    h('fieldset', { class: 'dial', 'aria-labelledby': 'dial-title', 'aria-describedby': 'dial-lead' }, listPositions()),
    tryingNote(),
    tryForm(),
    shareForm(),
    deleteForm(),
  ]
}

/** What a lens is called before its owner. */
export function labelOf(name) {
  return strings.positions[name]?.[0] ?? name
}
