/** What the user directory knows of a user: the words of the ID, and those of the name, each where it may be found. */

import type { UserId } from '@parallax/protocol'
import { directoryLimits } from '../limits.ts'
import type { SearchDeps } from '../search.ts'
import { wordsOf } from '../words.ts'

type TermDeps = Pick<SearchDeps, 'rooms' | 'users' | 'isLocal'>

/** The server of a user ID. */
export function serverOf(userId: UserId): string {
  return userId.slice(userId.indexOf(':') + 1)
}

function localpartOf(userId: UserId): string {
  return userId.slice(1, userId.indexOf(':'))
}

/** Terms such that a prefix of one of them is a word's beginning, or any part of a text without spaces. */
export function termsOf(...texts: readonly string[]): Set<string> {
  const terms = new Set<string>()
  for (const text of texts) {
    const start = text.slice(0, directoryLimits.nameCharsMax)
    for (const word of wordsOf(start, directoryLimits.nameTermsMax)) {
      const characters = word.isRun ? [...word.text] : []
      if (!word.isRun) terms.add(word.text)
      for (let index = 0; index < characters.length; index++) {
        if (terms.size < directoryLimits.nameTermsMax) terms.add(characters.slice(index).join(''))
      }
    }
  }
  return terms
}

/** The terms by which everybody may find the user who may know the user. */
export async function listOpenTerms({ users, isLocal }: TermDeps, userId: UserId): Promise<Set<string>> {
  if (!isLocal(serverOf(userId) as never)) return termsOf(localpartOf(userId))
  const account = await users.findAccount(userId)
  if (account === undefined || account.state === 'deactivated') return new Set()
  const name = (await users.findProfile(userId))?.displayname
  return termsOf(localpartOf(userId), typeof name === 'string' ? name : '')
}

/** The terms of the name that a user of another server has in one room. */
export async function listRoomTerms({ rooms }: TermDeps, userId: UserId, room: number): Promise<Set<string>> {
  const member = await rooms.findStateEvent(room, 'm.room.member', userId)
  const { membership, displayname } = member?.content ?? {}
  return membership === 'join' && typeof displayname === 'string' ? termsOf(displayname) : new Set()
}
