/** Which feeds that the server follows say something of the reader, and whom to ask to take it back. */

import { h } from './dom.js'
import { strings } from './strings.js'

/** A contact as a link where it is an address that a click may open; as text otherwise. */
function contactOf(contact) {
  if (contact === undefined) return strings.aboutNobody
  const isMail = /^(mailto:)?[^\s@:/]+@[^\s@:/]+$/.test(contact)
  const isPage = /^https:\/\/[^\s]+$/.test(contact)
  if (!isMail && !isPage) return `${strings.aboutContact} ${contact}`
  const href = isMail && !contact.startsWith('mailto:') ? `mailto:${contact}` : contact
  return [`${strings.aboutContact} `, h('a', { href, rel: 'noreferrer noopener' }, contact)]
}

export function renderAbout({ about }) {
  return [
    h('h2', { id: 'about-title', tabindex: '-1' }, strings.about),
    h('p', {}, about.length === 0 ? strings.aboutNone : strings.aboutLead),
    about.length > 0 &&
      h(
        'ul',
        { class: 'log' },
        about.map(({ name, address, contact }) =>
          h(
            'li',
            { class: 'feed' },
            h('strong', {}, name),
            h('p', { class: 'fine address' }, address),
            h('p', {}, contactOf(contact)),
          ),
        ),
      ),
  ]
}
