/** The viewpoint page: sign in, then the sections, each drawn from what the server tells. */

import { renderAbout } from './about.js'
import { renderDecisions, renderQuiet } from './decisions.js'
import { createDial } from './dial.js'
import { announce, button, h, replaceKeepingFocus } from './dom.js'
import { renderFeeds } from './feeds.js'
import { renderBubble, renderRibbon } from './ribbon.js'
import * as server from './server.js'
import { renderSky, renderWeek } from './sky.js'
import { strings } from './strings.js'

const top = document.getElementById('top')
const main = document.getElementById('main')
const state = {}
const sections = new Map()
let backAgain

function sectionOf(name) {
  const section = h('section', { id: name, 'aria-labelledby': `${name}-title` })
  sections.set(name, section)
  return section
}

async function readState() {
  const [lenses, feeds, metrics, decisions, quiet, about] = await Promise.all([
    server.listLenses(),
    server.listFeeds(),
    server.readMetrics(),
    server.listDecisions(),
    server.listQuiet(),
    server.listAbout(),
  ])
  const { chosen, before = null, until_ts: until } = lenses
  Object.assign(state, { lenses: lenses.lenses, chosen, before, until, feeds, metrics, decisions, quiet, about })
  clearTimeout(backAgain)
  // A lens that is only tried ends by itself: the page follows.
  if (until !== undefined) backAgain = setTimeout(refresh, Math.max(1_000, until - Date.now() + 500))
}

const draw = (name, ...children) => replaceKeepingFocus(sections.get(name), ...children)

async function refresh() {
  await readState()
  draw('dial', createDial(state, refresh)())
  draw('ribbon', renderRibbon(state))
  draw('bubble', renderBubble(state, refresh))
  draw('week', renderWeek(state))
  draw('sky', renderSky(state))
  draw('decisions', renderDecisions(state, recount))
  draw('quiet', renderQuiet(state, refresh))
  draw('feeds', renderFeeds(state, refresh))
  draw('about', renderAbout(state))
}

/** Counts, after a rule; the log stays as it is, with its undo. The dial's lens has another rule now. */
async function recount() {
  const [metrics, { lenses }] = await Promise.all([server.readMetrics(), server.listLenses()])
  Object.assign(state, { metrics, lenses })
  draw('ribbon', renderRibbon(state))
  draw('bubble', renderBubble(state, refresh))
  draw('week', renderWeek(state))
  draw('sky', renderSky(state))
  draw('feeds', renderFeeds(state, refresh))
}

async function showPage() {
  const { userId } = server.findSession()
  const signOut = async () => {
    await server.logOut()
    showSignIn(strings.signedOut)
  }
  const update = async () => {
    await refresh()
    announce(strings.refreshed)
  }
  top.replaceChildren(
    h('h1', {}, strings.title),
    h('p', { class: 'row' }, h('bdi', {}, userId), button(strings.refresh, update), button(strings.signOut, signOut)),
  )
  main.replaceChildren(
    ...['dial', 'ribbon', 'bubble', 'week', 'sky', 'decisions', 'quiet', 'feeds', 'about'].map(sectionOf),
  )
  await refresh()
  main.focus()
}

function showSignIn(told = '') {
  clearTimeout(backAgain)
  const user = h('input', {
    ...{ id: 'user', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true },
    'aria-describedby': 'user-hint',
  })
  const password = h('input', {
    ...{ id: 'password', type: 'password', autocomplete: 'current-password' },
    required: true,
  })
  const refusal = h('p', { id: 'refusal', role: 'alert' }, told)
  const submit = async (event) => {
    event.preventDefault()
    refusal.textContent = ''
    try {
      await server.logIn(user.value.trim(), password.value)
      await showPage()
    } catch (error) {
      if (refusal.isConnected) refusal.textContent = error.message
      else announce(error.message)
    }
  }
  top.replaceChildren(h('h1', {}, strings.title))
  main.replaceChildren(
    h(
      'form',
      { class: 'sign-in', onsubmit: submit },
      h('h2', {}, strings.signIn),
      h('p', {}, strings.signInLead),
      h('label', { for: 'user' }, strings.user),
      user,
      h('p', { id: 'user-hint', class: 'fine' }, strings.userHint),
      h('label', { for: 'password' }, strings.password),
      password,
      refusal,
      h('p', { class: 'row' }, h('button', { type: 'submit', class: 'main' }, strings.signIn)),
    ),
  )
  user.focus()
}

addEventListener('signed-out', () => showSignIn(strings.sessionEnded))
document.title = strings.title
if (server.findSession() === null) showSignIn()
else showPage().catch((error) => announce(error.message))
