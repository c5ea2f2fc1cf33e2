/** What was told, in order: who changed since a position. */

import type { Position } from '../journal/index.ts'
import { presenceLimits } from './limits.ts'
import type { Person } from './person.ts'
import type { UserPresence } from './presence.ts'

export interface People {
  get(user: number): Person | undefined
  /** The person of this user, new if need be. */
  open(user: number, create: (user: number) => Person): Person
  /** Notes that the person's `told` changed: positions only grow. */
  noteTold(person: Person): void
  delete(user: number): void
  listTold(after: Position, upTo: Position): UserPresence[] | undefined
  values(): Iterable<Person>
  lastPosition(): Position
}

type Change = { readonly user: number; readonly position: Position }

/** Looked at for one who can be forgotten, so that adding stays cheap. */
const scanMax = 64

export function createPeople(): People {
  /** Those who changed longest ago come first. */
  const people = new Map<number, Person>()
  let log: Change[] = []
  /** Of changes up to there some may be forgotten. */
  let floor: Position = 0

  function forgetOne(): void {
    let scanned = 0
    for (const person of people.values()) {
      if (++scanned > scanMax) return
      if (person.told.state !== 'offline' || person.devices.size > 0) continue
      people.delete(person.user)
      floor = Math.max(floor, person.told.position)
      return
    }
  }

  function shorten(): void {
    if (log.length <= 2 * people.size + 1_000) return
    log = log.filter(({ user, position }) => people.get(user)?.told.position === position)
  }

  return {
    get: (user) => people.get(user),
    open(user, create) {
      const known = people.get(user)
      if (known !== undefined) return known
      if (people.size >= presenceLimits.peopleMax) forgetOne()
      const person = create(user)
      people.set(user, person)
      return person
    },
    noteTold(person) {
      people.delete(person.user)
      people.set(person.user, person)
      log.push({ user: person.user, position: person.told.position })
      shorten()
    },
    delete: (user) => people.delete(user),
    listTold(after, upTo) {
      if (after < floor) return undefined
      const found: UserPresence[] = []
      for (let at = firstAfter(log, after); at < log.length && log[at]!.position <= upTo; at++) {
        const { user, position } = log[at]!
        const told = people.get(user)?.told
        if (told?.position === position) found.push(told)
      }
      return found
    },
    values: () => people.values(),
    lastPosition: () => log.at(-1)?.position ?? 0,
  }
}

function firstAfter(log: readonly Change[], position: Position): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (log[middle]!.position > position) high = middle
    else low = middle + 1
  }
  return low
}
