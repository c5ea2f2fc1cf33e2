/** The ribbon and the bubble: what the lens did in the last seven days, as words and numbers first, then as pictures. */

import { button, h, table } from './dom.js'
import * as server from './server.js'
import { formatCount, formatDecimal, strings } from './strings.js'

const actions = ['annotate', 'blur', 'hide']
/** How wide "a few" is drawn. */
const FEW = 2
const widthOf = (count) => (typeof count === 'number' ? count : FEW)

/** What was seen, noted, blurred and hidden. */
export function renderRibbon({ metrics }) {
  const { items, seen, by_action: byAction, ribbon } = metrics
  const noted = byAction.annotate ?? 0
  const plain = Math.max(0, seen - widthOf(noted))
  const parts = [['seen', strings.seen, plain], ...actions.map((name) => [name, strings.actions[name], byAction[name]])]
  const shown = parts.filter(([, , count]) => count !== undefined && count !== 0)
  return [
    h('h2', { id: 'ribbon-title', tabindex: '-1' }, strings.ribbon),
    h('p', {}, strings.ribbonLead(items)),
    items > 0 && h('div', { class: 'ribbon', 'aria-hidden': 'true' }, shown.map(stripe)),
    items > 0 && h('ul', { class: 'legend' }, shown.map(legend)),
    items > 0 && tableOf(ribbon, byAction),
    metrics.unseen_senders > 0 && h('p', {}, strings.missed(metrics.unseen_senders)),
  ]
}

function stripe([name, , count]) {
  const element = h('span', { class: `stripe ${name}` })
  element.style.flexGrow = String(Math.max(widthOf(count), 0.5))
  return element
}

function legend([name, label, count]) {
  return h('li', {}, h('span', { class: `key ${name}`, 'aria-hidden': 'true' }), `${label}: ${formatCount(count)}`)
}

function tableOf(ribbon, byAction) {
  const rows = Object.entries(ribbon).map(([kind, counts]) => [
    strings.classes[kind] ?? kind,
    ...actions.map((action) => formatCount(counts[action] ?? 0)),
  ])
  if (rows.length === 0) return h('p', {}, strings.nothingKept)
  const heads = [strings.class, ...actions.map((action) => strings.actions[action])]
  const isFew = Object.values(byAction).includes('a few')
  return h('div', {}, table(strings.ribbonTable, heads, rows), isFew && h('p', { class: 'fine' }, strings.fewNote))
}

/** The bubble index with its sentence, and the feeds that made it. */
export function renderBubble({ metrics, chosen }, refresh) {
  const { bubble_index: index, band, attribution, concentration } = metrics
  const decided = attribution.filter(({ decided }) => decided !== 0)
  const mark = h('span', { class: 'mark' })
  mark.style.insetInlineStart = `${Math.min(100, Math.max(0, index))}%`
  const open = async () => {
    await server.chooseLens(null, 10 * 60_000)
    await refresh()
  }
  return [
    h('h2', { id: 'bubble-title', tabindex: '-1' }, strings.bubble),
    h('p', { class: 'figure' }, h('strong', {}, strings.bubbleIndex(index)), ` – ${strings.bandNames[band]}`),
    h('div', { class: 'gauge', 'aria-hidden': 'true' }, mark),
    h('p', {}, strings.bands[band]),
    concentration > 0.5 && h('p', {}, strings.oneSource),
    h('p', {}, `${strings.contested(metrics.contested_share)} ${strings.diversity(metrics.diversity_loss)}`),
    decided.length === 0
      ? h('p', {}, strings.noAttribution)
      : h(
          'div',
          {},
          table(
            strings.attribution,
            [strings.feed, strings.decided],
            decided.map(({ name, decided: count }) => [name, formatCount(count)]),
          ),
          h('p', { class: 'fine' }, strings.attributionHint),
        ),
    chosen !== null && h('p', { class: 'row' }, button(strings.widen, open, { id: 'widen' })),
  ]
}

/** Why: at most three sentences, then what each statement adds, with its sum. */
export function renderExplanation(told) {
  const sentences = h(
    'ul',
    {},
    [...told.sentences, ...(told.notes ?? [])].map((sentence) => h('li', {}, sentence)),
  )
  const { records = [] } = told
  if (records.length === 0) return h('div', {}, sentences)
  const rows = records.map((record) => [
    record.name ?? String(record.source),
    record.context,
    `${Math.round(record.value * 100)}${record.deduped_by === undefined ? '' : ` (${strings.counted})`}`,
    formatDecimal(record.trust),
    formatDecimal(record.good),
    formatDecimal(record.bad),
  ])
  const sum = (name) => formatDecimal(records.reduce((total, record) => total + record[name], 0))
  rows.push([strings.sumTotal, '', '', '', sum('good'), sum('bad')])
  return h(
    'div',
    {},
    sentences,
    table(strings.sums, strings.sumHeads, rows),
    h('p', { class: 'fine' }, strings.result(told.bad, told.confidence)),
  )
}
