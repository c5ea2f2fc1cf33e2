/** Clients that know nothing of lenses, in front of one: matrix-js-sdk, and Hydrogen in a browser. */

import type { TestAccount } from '../../kit/account.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { startBrowser } from '../browser.ts'
import { serveHydrogen } from '../hydrogen-page.ts'
import { startJsSdkClient } from '../js-sdk-client.ts'
import { veiled } from './demo-views.ts'
import type { DemoWorld } from './demo-world.ts'
import type { Story } from './story.ts'

async function openSession(server: InProcess, user: TestUser): Promise<TestAccount> {
  const { userId, deviceId, token, password } = await server.logIn(user)
  return { userId, deviceId, accessToken: token, password, localpart: userId.slice(1, userId.indexOf(':')) }
}

/** What matrix-js-sdk makes of the room. */
export async function readWithJsSdk(world: DemoWorld, story: Story): Promise<void> {
  const { servers, people, roomId } = world
  story.part('Ada opens a client that knows nothing of lenses: matrix-js-sdk')
  const client = await startJsSdkClient(servers.garden.baseUrl, await openSession(servers.garden, people.ada))
  try {
    const bodies = () => {
      const events = client.matrix.getRoom(roomId)?.getLiveTimeline().getEvents() ?? []
      return events.filter((event) => event.getType() === 'm.room.message').map((event) => event.getContent().body)
    }
    await waitFor('the room', () => (bodies().length > 0 ? true : undefined)).catch(() => undefined)
    story.claim(
      'it shows a line in place of Mallory’s message, and Carol’s',
      bodies().includes(veiled) && bodies().includes('The beans are up'),
      bodies(),
    )
    await client.matrix.sendTextMessage(roomId, 'I will water them')
    await people.carol.ok('PUT', `rooms/${roomId}/send/m.room.message/later`, { msgtype: 'm.text', body: 'Thank you' })
    const isThere = () => (bodies().includes('Thank you') && bodies().includes('I will water them') ? true : undefined)
    const arrived = await waitFor('the answer', isThere).catch(() => false)
    story.claim('it sends, and receives what is said meanwhile', arrived, bodies())
  } finally {
    client.stop()
  }
}

/** What Hydrogen shows in a real browser. */
export async function readWithHydrogen(world: DemoWorld, story: Story): Promise<void> {
  const { servers, people } = world
  story.part('And one in a browser: Hydrogen')
  const hydrogen = await serveHydrogen(servers.garden.baseUrl)
  const browser = await startBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 700 } })
    page.setDefaultTimeout(20_000)
    await page.goto(hydrogen.url)
    await page.locator('#username').fill('ada')
    await page.locator('#password').fill(people.ada.password)
    await page.getByRole('button', { name: 'Log In' }).click()
    await page.getByText('The garden').first().click()
    const shows = (text: string) =>
      page
        .locator('.Timeline')
        .getByText(text)
        .last()
        .waitFor()
        .then(
          () => true,
          () => false,
        )
    story.claim('it shows the line in place of Mallory’s message', await shows(veiled))
    story.claim('it shows Carol’s', await shows('The beans are up'))
    await page.locator('.MessageComposer textarea').fill('Beans at six?')
    await page.locator('.MessageComposer textarea').press('Enter')
    story.claim('it sends', await shows('Beans at six?'))
  } finally {
    await browser.close()
    hydrogen.close()
  }
}
