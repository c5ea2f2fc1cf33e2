/** Where a page of a search begins: `m<up to>.<hits before>.<count>`, and the group whose page it is, if any. */

import { MatrixError } from '../../base/index.ts'
import type { GroupKey } from './read-request.ts'

export type PageToken = {
  /** Position up to which events are searched: later ones would move the pages. */
  readonly upTo: number
  /** Hits that were looked at. */
  readonly offset: number
  /** How many there are, as the first page said. */
  readonly count: number
  /** Only hits of this room or sender. */
  readonly group: { readonly key: GroupKey; readonly number: number } | undefined
}

const FORM = /^m(\d{1,15})\.(\d{1,9})\.(\d{1,9})(?:\.([rs])(\d{1,15}))?$/

export function formatPageToken({ upTo, offset, count, group }: PageToken): string {
  const end = group === undefined ? '' : `.${group.key === 'room_id' ? 'r' : 's'}${group.number}`
  return `m${upTo}.${offset}.${count}${end}`
}

/** Throws MatrixError M_INVALID_PARAM. */
export function parsePageToken(text: string): PageToken {
  const [, upTo, offset, count, kind, number] = FORM.exec(text) ?? []
  if (upTo === undefined) throw new MatrixError('M_INVALID_PARAM', 'This is not a token of a search.')
  const key = kind === 'r' ? 'room_id' : 'sender'
  const group = kind === undefined ? undefined : ({ key, number: Number(number) } as const)
  return { upTo: Number(upTo), offset: Number(offset), count: Number(count), group }
}
