/** The lens of the server itself: what it refuses at its edges, for all. Admins write it of feeds that they follow. */

import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { compareLenses } from './compare-lenses.ts'
import { SERVER } from './compile-lens.ts'
import { findChoice, listLenses, removeLensesOf, upsertChoice, upsertLens } from './lens-table.ts'
import { checkLens, withRule } from './lenses.ts'
import { reputationLimits } from './limits.ts'
import { findLastLog, insertLog, listLog } from './log-table.ts'
import { refusing } from './refuse.ts'
import type { ReputationDeps, ServerLens, Sights, WrittenLens } from './reputation.ts'
import { insertSubscription, listSources, listSubscribed, removeSubscriptions } from './source-table.ts'

const NAME = 'server'

type ServerLensDeps = ReputationDeps & Pick<Sights, 'judgeOne'> & { readonly onChanged: (user: number) => void }

type Next = WrittenLens | undefined | Promise<WrittenLens>

export function createServerLens(deps: ServerLensDeps): ServerLens {
  const { store, names, clock, judgeOne, onChanged } = deps

  const turns = createKeyedQueue<'lens'>()
  const find = async () => {
    const { name } = await findChoice(store.reader, SERVER)
    return (await listLenses(store.reader, SERVER)).get(name)
  }

  /** The server follows what its lens names, so that it stays when the admin leaves; the log tells of it. */
  async function keep(admin: number, reason: string, toNext: (now: WrittenLens | undefined) => Next): Promise<void> {
    await turns.run('lens', async () => {
      const before = await find()
      const lens = await toNext(before)
      const wanted = new Set(lens?.subscriptions.map(({ source }) => source))
      const left = (await listSubscribed(store.reader, SERVER)).filter((source) => !wanted.has(source))
      const [entry, atMs] = [(await findLastLog(store.reader)) + 1, clock.nowMs()]
      const body = JSON.stringify({ ...compareLenses(before, lens), ...(reason !== '' && { reason }) })
      await store.transact((tx) => {
        for (const source of wanted) insertSubscription(tx, SERVER, source, atMs)
        if (left.length > 0) removeSubscriptions(tx, SERVER, left)
        insertLog(tx, { entry, atMs, user: admin, body })
        if (lens === undefined) return removeLensesOf(tx, SERVER)
        upsertLens(tx, SERVER, NAME, lens)
        upsertChoice(tx, SERVER, { name: NAME, untilMs: 0, before: '' })
      })
    })
    onChanged(SERVER)
  }

  async function check(admin: number, lens: WrittenLens): Promise<WrittenLens> {
    const followed = [...(await listSubscribed(store.reader, admin)), ...(await listSubscribed(store.reader, SERVER))]
    refusing(() => checkLens(lens, new Set(followed)))
    const sources = await listSources(
      store.reader,
      lens.subscriptions.map(({ source }) => source),
    )
    if (sources.some(({ manner }) => manner === 'members')) {
      throw new MatrixError('M_INVALID_PARAM', 'A narrow feed is read by people, not by servers.')
    }
    return lens
  }

  return {
    findServerLens: async () => ({ lens: (await find()) ?? null }),
    putServerLens: (admin, lens, reason = '') => keep(admin, reason, () => check(admin, lens)),
    removeServerLens: (admin, reason = '') => keep(admin, reason, () => undefined),
    setServerRule: (admin, rule, reason = '') => keep(admin, reason, (now) => refusing(() => withRule(now, rule))),
    async listServerLog(below = Number.MAX_SAFE_INTEGER) {
      const rows = await listLog(store.reader, below, clock.nowMs() - reputationLimits.logMs)
      const users = await names.texts(rows.map(({ user }) => user).filter((user) => user !== 0))
      const named = rows.map(({ entry, atMs, user, body }) => {
        const by = user === 0 ? {} : { user_id: users.shift() }
        return { entry, at_ts: atMs, ...by, ...(JSON.parse(body) as object) }
      })
      const last = rows.length === reputationLimits.logPageMax ? { next_below: rows.at(-1)!.entry } : {}
      return { log: named, ...last }
    },
    async requireSafe(item) {
      const verdict = await judgeOne(SERVER, item)
      if (verdict?.action !== 'refuse') return
      const harms = verdict.class === 'severe' ? {} : { harms: [verdict.context] }
      throw new MatrixError('M_SAFETY', 'The rules of this server refuse this. Its admins can tell why.', harms)
    },
  }
}
