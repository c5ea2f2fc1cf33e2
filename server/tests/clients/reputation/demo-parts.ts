/** The parts of the demonstration; each tells what happens and claims what must follow. */

import { refusalOf } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { ask, errorOf, lastOf, lensOf, lookThrough, readRoom, veiled } from './demo-views.ts'
import { addressOf, base, type DemoWorld, publish } from './demo-world.ts'
import type { Story } from './story.ts'

const RETRACTION_MS = 2_000

/** Somebody's blend as a feed: her lens, and what it is made of. */
export async function republish(world: DemoWorld, story: Story): Promise<void> {
  const { dora } = world.people
  story.part('Dora publishes her lens')
  await lookThrough(
    dora,
    'mine',
    await lensOf(dora, world, { 'Orchard bans': { trust: 'good' }, 'Lighthouse notes': { trust: 'good' } }),
  )
  const feed = await publish(dora, 'Dora’s blend', 'mixed')
  const derived = await dora.ok('PUT', `${base}/feeds/${feed}/lens`, { name: 'mine' })
  const address = addressOf(world.servers.lighthouse, feed)
  world.feeds.set('Dora’s blend', address)
  const parents = (derived.derived_from as unknown as { address: string }[]).map((parent) => parent.address)
  const sources = ['Orchard bans', 'Lighthouse notes'].map((name) => world.feeds.get(name))
  story.claim('it names the two feeds that it is made of', sources.sort().join() === parents.sort().join(), derived)
  const held = (await dora.ok('GET', `${base}/feeds/${feed}/opinions`)) as { opinions?: unknown }
  story.claim(
    'and says nothing itself: whoever follows it hears those two',
    JSON.stringify(held.opinions) === '[]',
    held,
  )
}

/** Two readers, two lenses, one room. */
export async function readTogether(world: DemoWorld, story: Story): Promise<void> {
  const { ada, ben, carol, mallory } = world.people
  story.part('Ada and Ben read the same room')
  await lookThrough(
    ada,
    'careful',
    await lensOf(ada, world, { 'Orchard bans': { trust: 'strong' }, 'Night watch': { trust: 'strong' } }),
  )
  await lookThrough(
    ben,
    'easy',
    await lensOf(ben, world, { 'Plain truth': { trust: 'good' }, 'Dora’s blend': { trust: 'some' } }),
  )
  await waitFor('the feeds behind Dora’s blend to be heard', async () => {
    const about = { kind: 'user', entity: mallory.userId, context: 'm.spam' }
    const { records } = (await ben.ok('POST', `${base}/explain`, about)) as unknown as {
      records: { through?: object }[]
    }
    return records.filter(({ through }) => through !== undefined).length === 2 || undefined
  })
  story.tell('Ada trusts the ban list and the sealed feed. Ben trusts the hostile feed, and Dora’s blend a little.')
  const [adas, bens] = [await readRoom(ada, world), await readRoom(ben, world)]
  for (const [name, seen] of [
    ['Ada', adas],
    ['Ben', bens],
  ] as const) {
    for (const { sender, body, action } of seen)
      story.tell(`  ${name} sees ${sender.split(':')[0]}: “${body}” (${action})`)
  }
  const [adaOnMallory, benOnMallory] = [await lastOf(ada, world, mallory), await lastOf(ben, world, mallory)]
  const benOnCarol = await lastOf(ben, world, carol)
  story.claim(
    'for Ada, Mallory’s message is a placeholder: two feeds agree',
    adaOnMallory.action === 'hide' && adaOnMallory.body === veiled,
    adaOnMallory,
  )
  story.claim(
    'for Ben, it is readable: he listens to praise and to blame',
    benOnMallory.action !== 'hide' && benOnMallory.body !== veiled,
    benOnMallory,
  )
  story.claim(
    'the hostile feed marks Carol for Ben, and cannot hide her alone',
    ['annotate', 'blur'].includes(benOnCarol.action) && benOnCarol.body !== veiled,
    benOnCarol,
  )
  story.claim('for Ada, Carol is as she was', (await lastOf(ada, world, carol)).action === 'none')
  story.claim(
    'order and number of messages are the same for both',
    adas.map(({ sender }) => sender).join() === bens.map(({ sender }) => sender).join(),
  )
}

/** Why, by name, and whether the parts make the whole. */
export async function explainBoth(world: DemoWorld, story: Story): Promise<void> {
  const { ada, ben, carol, mallory } = world.people
  story.part('Both ask why')
  const asked = [
    ['Ada', ada, mallory, ['Orchard bans', 'Night watch']],
    ['Ben', ben, carol, ['Plain truth']],
  ] as const
  for (const [name, reader, about, feeds] of asked) {
    const told = await ask(reader, await lastOf(reader, world, about))
    for (const sentence of told.sentences) story.tell(`  ${name} reads: ${sentence}`)
    story.claim(
      `${name}’s explanation names ${feeds.join(' and ')}`,
      feeds.every((feed) => told.records.some((record) => record.name === feed)),
      told.records,
    )
    story.claim('what each statement adds makes the result exactly', errorOf(told) < 1e-9, told)
  }
  const rows = await (await fetch(`${world.feeds.get('Night watch')}/changes?since=0`)).text()
  const localpart = mallory.userId.slice(1, mallory.userId.indexOf(':'))
  story.claim(
    'the sealed feed, as anyone can fetch it, has a row and names nobody',
    rows.includes('"row"') && !rows.includes(localpart) && !rows.includes('spam'),
    rows,
  )
}

/** Another lens, and back. */
export async function switchLens(world: DemoWorld, story: Story): Promise<void> {
  const { ada, ben, mallory } = world.people
  story.part('Ada looks without a lens, then through Ben’s, and returns')
  await ada.ok('PUT', `${base}/lens`, { name: null })
  story.claim('the message is there again at once', (await lastOf(ada, world, mallory)).body === 'Cheap pills!')
  await ada.ok(
    'PUT',
    `${base}/lenses/bens`,
    await lensOf(ada, world, { 'Plain truth': { trust: 'good' }, 'Dora’s blend': { trust: 'some' } }),
  )
  await ada.ok('PUT', `${base}/lens`, { name: 'careful' })
  await ada.ok('PUT', `${base}/lens`, { name: 'bens', for_ms: 600_000 })
  const tried = (await readRoom(ada, world)).map(({ action }) => action)
  const bens = (await readRoom(ben, world)).map(({ action }) => action)
  story.claim('through Ben’s lens she sees what Ben sees', tried.join() === bens.join(), { tried, bens })
  world.servers.garden.clock.turn(600_001)
  story.claim(
    'ten minutes later she is back, without doing anything',
    (await lastOf(ada, world, mallory)).body === veiled,
  )
}

/** The server's own lens at its edge. */
export async function refuseInvite(world: DemoWorld, story: Story): Promise<void> {
  const { ada, ben, mallory } = world.people
  story.part('The garden’s admin lets the ban list decide at the edge')
  const lens = await lensOf(ada, world, { 'Orchard bans': { trust: 'strong', mode: 'enforce' } })
  await ada.ok('PUT', `${base}/server/lens`, { lens })
  const { room_id: roomId } = await mallory.ok('POST', 'createRoom', {})
  const refused = await mallory.call('POST', `rooms/${roomId}/invite`, { user_id: ben.userId })
  story.claim(
    'Mallory’s invitation from another server is refused with M_SAFETY',
    refusalOf(refused) === '403 M_SAFETY',
    refused.body,
  )
  await ada.ok('DELETE', `${base}/server/lens`)
  const taken = await mallory.call('POST', `rooms/${roomId}/invite`, { user_id: ben.userId })
  story.claim('without that lens it arrives', taken.status === 200, taken.body)
}

/** Taken back there, seen here. */
export async function retract(world: DemoWorld, story: Story): Promise<void> {
  const { ada, mallory } = world.people
  story.part('Olga takes her ban back')
  const begunMs = performance.now()
  await world.list.unban(mallory.userId)
  await world.list.mirror()
  const back = await waitFor('the message to be back', async () => {
    const seen = await lastOf(ada, world, mallory)
    return seen.action === 'hide' ? undefined : seen
  }).catch(() => undefined)
  const ms = Math.round(performance.now() - begunMs)
  story.claim(
    `Ada has the message back after ${ms} ms, on another server, having done nothing (at most ${RETRACTION_MS} ms)`,
    back?.body === 'Cheap pills!' && ms <= RETRACTION_MS,
    { ms, back },
  )
}

/** What a republished blend adds to its own sources: nothing. */
export async function countOnce(world: DemoWorld, story: Story): Promise<void> {
  const { ada, mallory } = world.people
  story.part('Ada follows Dora’s blend and what it was made of')
  type Told = { records: { name: string; through?: string[]; good: number; bad: number }[] }
  const about = { kind: 'user', entity: mallory.userId, context: 'm.spam' }
  const askThrough = async (lens: object): Promise<Told> => {
    await lookThrough(ada, 'twice', lens)
    return (await ada.ok('POST', `${base}/explain`, about)) as unknown as Told
  }
  const sumOf = ({ records }: Told) => records.reduce((sum, { bad }) => sum + bad, 0)
  const parts = { 'Orchard bans': { trust: 'good' }, 'Lighthouse notes': { trust: 'good' } } as const
  const without = await askThrough(await lensOf(ada, world, parts))
  const withBlend = await lensOf(ada, world, { ...parts, 'Dora’s blend': { trust: 'good' } })
  const told = await waitFor('the feeds behind the blend to be heard', async () => {
    const asked = await askThrough(withBlend)
    return asked.records.filter(({ through }) => through !== undefined).length === 2 ? asked : undefined
  }).catch(() => askThrough(withBlend))
  const again = told.records.filter(({ through }) => through !== undefined)
  story.claim(
    'each voice comes by two ways, itself and through Dora, and counts once',
    again.length === 2 && again.every(({ good, bad }) => good + bad === 0),
    told.records,
  )
  story.claim(
    'with the blend, the result is what it was without it',
    sumOf(without) > 0 && Math.abs(sumOf(told) - sumOf(without)) < 1e-6,
    { without: sumOf(without), told: sumOf(told) },
  )
  await ada.ok('PUT', `${base}/lens`, { name: 'careful' })
}
