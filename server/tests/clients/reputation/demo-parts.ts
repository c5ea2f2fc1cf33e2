/** The parts of the demonstration; each tells what happens and claims what must follow. */

import { refusalOf } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { ask, errorOf, lastOf, lensOf, lookThrough, readRoom, veiled } from './demo-views.ts'
import { addressOf, base, type DemoWorld, publish, say } from './demo-world.ts'
import type { Story } from './story.ts'

const RETRACTION_MS = 2_000

/** Somebody's blend as a feed: of whom she has met, and through her own lens. */
export async function republish(world: DemoWorld, story: Story): Promise<void> {
  const { dora, mallory, carol } = world.people
  story.part('Dora blends two feeds and publishes what she sees')
  await lookThrough(
    dora,
    'mine',
    await lensOf(dora, world, { 'Orchard bans': { trust: 'good' }, 'Lighthouse notes': { trust: 'good' } }),
  )
  const feed = await publish(dora, 'Dora’s blend', 'mixed')
  for (const { userId } of [mallory, carol]) {
    const about = { kind: 'user', entity: userId, context: 'm.spam' }
    const { bad, confidence } = (await dora.ok('POST', `${base}/explain`, about)) as Record<string, number>
    if (confidence! < 0.2) continue
    const sure = Math.min(99, Math.max(1, Math.round(confidence! * 100)))
    await say(dora, feed, [[userId, Math.round((1 - 2 * bad!) * 100), sure]])
  }
  world.feeds.set('Dora’s blend', addressOf(world.servers.lighthouse, feed))
  const held = (await dora.ok('GET', `${base}/feeds/${feed}/opinions`)) as { opinions?: unknown }
  story.claim(
    'it speaks of Mallory, and not of Carol, of whom nobody says anything',
    JSON.stringify(held).includes(mallory.userId) && !JSON.stringify(held).includes(carol.userId),
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

/** What a republished blend adds to its own sources: nothing, one day. */
export async function countOnce(world: DemoWorld, story: Story): Promise<void> {
  const { ada, mallory } = world.people
  story.part('Ada follows Dora’s blend and what it was made of')
  const lens = await lensOf(ada, world, { 'Lighthouse notes': { trust: 'good' }, 'Dora’s blend': { trust: 'good' } })
  await lookThrough(ada, 'twice', lens)
  const about = { kind: 'user', entity: mallory.userId, context: 'm.spam' }
  const told = (await ada.ok('POST', `${base}/explain`, about)) as unknown as {
    records: { good: number; bad: number }[]
  }
  const counted = told.records.filter(({ good, bad }) => good + bad > 0).length
  story.hope(
    'the blend and its source count once',
    counted === 1,
    `Now ${counted} do: feeds of users name no sources on the wire; one operator for both makes it their average.`,
  )
  const alike = { subscriptions: lens.subscriptions.map((one) => ({ ...one, operator: 'dora' })) }
  await lookThrough(ada, 'twice', alike)
  const averaged = (await ada.ok('POST', `${base}/explain`, about)) as unknown as typeof told
  const sumOf = ({ records }: typeof told) => records.reduce((sum, { bad }) => sum + bad, 0)
  story.claim('told that both are one operator’s, they weigh less than two', sumOf(averaged) < sumOf(told) * 0.75, {
    apart: sumOf(told),
    together: sumOf(averaged),
  })
  await ada.ok('PUT', `${base}/lens`, { name: 'careful' })
}
