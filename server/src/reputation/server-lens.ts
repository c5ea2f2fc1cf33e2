/** The lens of the server itself: what it refuses at its edges, for all. Admins write it of feeds that they follow. */

import { MatrixError } from '../base/index.ts'
import { SERVER } from './compile-lens.ts'
import { findChoice, listLenses, removeLensesOf, upsertChoice, upsertLens } from './lens-table.ts'
import { checkLens } from './lenses.ts'
import { refusing } from './refuse.ts'
import type { ReputationDeps, ServerLens, Sights, WrittenLens } from './reputation.ts'
import { insertSubscription, listSources, listSubscribed, removeSubscriptions } from './source-table.ts'

const NAME = 'server'

type ServerLensDeps = ReputationDeps & Pick<Sights, 'judgeOne'> & { readonly onChanged: (user: number) => void }

export function createServerLens(deps: ServerLensDeps): ServerLens {
  const { store, clock, judgeOne, onChanged } = deps

  /** The server follows what its lens names, so that it stays when the admin leaves. */
  async function keep(lens: WrittenLens | undefined): Promise<void> {
    const wanted = new Set(lens?.subscriptions.map(({ source }) => source))
    const left = (await listSubscribed(store.reader, SERVER)).filter((source) => !wanted.has(source))
    await store.transact((tx) => {
      for (const source of wanted) insertSubscription(tx, SERVER, source, clock.nowMs())
      if (left.length > 0) removeSubscriptions(tx, SERVER, left)
      if (lens === undefined) return removeLensesOf(tx, SERVER)
      upsertLens(tx, SERVER, NAME, lens)
      upsertChoice(tx, SERVER, { name: NAME, untilMs: 0, before: '' })
    })
    onChanged(SERVER)
  }

  return {
    async findServerLens() {
      const { name } = await findChoice(store.reader, SERVER)
      return { lens: (await listLenses(store.reader, SERVER)).get(name) ?? null }
    },
    async putServerLens(admin, lens) {
      const followed = [...(await listSubscribed(store.reader, admin)), ...(await listSubscribed(store.reader, SERVER))]
      refusing(() => checkLens(lens, new Set(followed)))
      const sources = await listSources(
        store.reader,
        lens.subscriptions.map(({ source }) => source),
      )
      if (sources.some(({ manner }) => manner === 'members')) {
        throw new MatrixError('M_INVALID_PARAM', 'A narrow feed is read by people, not by servers.')
      }
      await keep(lens)
    },
    removeServerLens: () => keep(undefined),
    async requireSafe(item) {
      const verdict = await judgeOne(SERVER, item)
      if (verdict?.action !== 'refuse') return
      const harms = verdict.class === 'severe' ? {} : { harms: [verdict.context] }
      throw new MatrixError('M_SAFETY', 'The rules of this server refuse this. Its admins can tell why.', harms)
    },
  }
}
