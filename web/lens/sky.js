/** The week in a sentence, and feeds as stars: near the middle are those that show what the chosen lens shows. */

import { h, table } from './dom.js'
import { formatCount, formatPercent, strings } from './strings.js'

const SIDE = 320
const MIDDLE = SIDE / 2
const NEAR = 30
const FAR = 120
const NAME_MAX = 18

function star(tag, attributes, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.textContent = text
  return element
}

/** What was kept back, and how much of that others would have shown. */
export function renderWeek({ metrics, decisions }) {
  const { items, seen, contested_share: share } = metrics
  const kept = items - seen
  const contested = Math.round(kept * share)
  return [
    h('h2', { id: 'week-title', tabindex: '-1' }, strings.week),
    h('p', { class: 'figure' }, h('strong', {}, formatCount(kept)), ` ${strings.weekOf(items)}`),
    h('p', {}, kept === 0 ? strings.weekAll : strings.weekKept(kept - contested, contested)),
    kept > 0 &&
      decisions.length > 0 &&
      h('p', {}, h('a', { href: '#decisions-title', id: 'week-peek' }, strings.weekPeek)),
  ]
}

/** A picture for who sees it, and the same as a table for all. */
export function renderSky({ metrics, feeds, lenses, chosen }) {
  const title = h('h2', { id: 'sky-title', tabindex: '-1' }, strings.sky)
  const used = chosen === null ? [] : lenses[chosen].subscriptions.map(({ source }) => source)
  const stars = feeds
    .filter(({ source }) => used.includes(source))
    .map(({ manifest: { name } }) => ({ name, overlap: metrics.overlap[name] }))
    .filter(({ overlap }) => overlap !== undefined)
  if (stars.length === 0) return [title, h('p', {}, strings.skyEmpty)]
  const rows = stars.map(({ name, overlap }) => [name, formatPercent(overlap)])
  return [
    title,
    h('p', {}, strings.skyLead),
    draw(stars),
    table(strings.skyTable, [strings.feed, strings.skySame], rows),
  ]
}

function draw(stars) {
  const picture = star('svg', { viewBox: `0 0 ${SIDE} ${SIDE}`, class: 'sky', 'aria-hidden': 'true' })
  for (const share of [0, 0.5, 1]) {
    picture.append(star('circle', { cx: MIDDLE, cy: MIDDLE, r: NEAR + share * (FAR - NEAR), class: 'ring' }))
  }
  picture.append(star('circle', { cx: MIDDLE, cy: MIDDLE, r: 6, class: 'you' }))
  picture.append(star('text', { x: MIDDLE, y: MIDDLE + 20, 'text-anchor': 'middle' }, strings.skyYou))
  stars.forEach(({ name, overlap }, at) => {
    const angle = (2 * Math.PI * at) / stars.length - Math.PI / 2
    const radius = NEAR + (1 - overlap) * (FAR - NEAR)
    const [x, y] = [MIDDLE + radius * Math.cos(angle), MIDDLE + radius * Math.sin(angle)]
    const label = name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name
    picture.append(star('circle', { cx: x, cy: y, r: 5, class: 'star' }))
    picture.append(star('text', { x, y: y < MIDDLE ? y - 10 : y + 18, 'text-anchor': 'middle' }, label))
  })
  return picture
}
