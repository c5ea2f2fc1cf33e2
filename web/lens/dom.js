/** Elements without a framework. Text is only ever set as text: nothing here parses HTML. */

/** A new element; properties beginning with `on` listen, `aria-…`, `role` and the like become attributes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'open') element[name] = value
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false))
  return element
}

/** Puts new children in place of the old ones; the focus stays on the element of the same ID. */
export function replaceKeepingFocus(parent, ...children) {
  const { activeElement } = document
  const id = activeElement !== null && parent.contains(activeElement) ? activeElement.id : ''
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean))
  if (id !== '') (document.getElementById(id) ?? parent.querySelector('h2'))?.focus()
}

/** How long a message stays at the foot of the page. */
const STAY_MS = 8_000
let leaving

/** Tells readers of screens, and everyone else at the foot of the page, what happened. */
export function announce(text) {
  const status = document.getElementById('status')
  status.textContent = ''
  // Said again even if it is the same sentence.
  setTimeout(() => {
    status.textContent = text
  }, 50)
  clearTimeout(leaving)
  leaving = setTimeout(() => {
    status.textContent = ''
  }, STAY_MS)
}

/** A button that is busy, and says when it fails, while `act` is under way. */
export function button(label, act, props = {}) {
  const element = h('button', { type: 'button', ...props }, label)
  element.addEventListener('click', async () => {
    if (element.getAttribute('aria-disabled') === 'true') return
    element.setAttribute('aria-disabled', 'true')
    try {
      await act(element)
    } catch (error) {
      announce(error.message)
    } finally {
      element.removeAttribute('aria-disabled')
    }
  })
  return element
}

/** A real table; the first cell of each row heads it. */
export function table(caption, heads, rows) {
  const cells = ([first, ...others]) => [h('th', { scope: 'row' }, first), ...others.map((cell) => h('td', {}, cell))]
  return h(
    'div',
    { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...cells(row)))),
    ),
  )
}
