/**
 * The viewpoint page in a real browser: the five minutes of a reader by keyboard alone; what axe finds; 320 px; light
 * and dark. PARALLAX_SCREENSHOTS: a folder for pictures.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { endTestStores } from '../../kit/store.ts'
import { startBrowser } from '../browser.ts'
import { type LensWorld, startLensWorld } from './lens-world.ts'

type AxeResults = { violations: { id: string; help: string; nodes: { html: string }[] }[] }

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const requests: string[] = []
const complaints: string[] = []
let world: LensWorld
let browser: Browser
let page: Page

before(async () => {
  world = await startLensWorld()
  browser = await startBrowser()
  page = await browser.newPage({ viewport: { width: 1100, height: 800 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(20_000)
  page.on('request', (request) => requests.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
})

after(async () => {
  await browser?.close()
  await world?.close()
  await endTestStores()
})

/** Presses Tab until the element of this ID has the focus. */
async function tabTo(id: string): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement?.id === ${JSON.stringify(id)}`)) return
  }
  assert.fail(`Tab never comes to ${id}`)
}

async function press(id: string, key = 'Enter'): Promise<void> {
  await tabTo(id)
  await page.keyboard.press(key)
}

const waitForText = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
/** Until everything that was asked for is drawn. */
const waitForStatus = (text: string): Promise<void> => page.locator('#status', { hasText: text }).waitFor()

async function findViolations(): Promise<string[]> {
  // The page forbids scripts of others: this one comes in by the door of the debugger.
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

async function photograph(name: string): Promise<void> {
  const folder = process.env.PARALLAX_SCREENSHOTS
  if (folder !== undefined) await page.screenshot({ path: join(folder, `lens-${name}.png`), fullPage: true })
}

test('signs in by keyboard; a wrong password is said', async () => {
  await page.goto(`${world.server.baseUrl}/_parallax/lens`)
  assert.deepEqual(await findViolations(), [])
  await photograph('sign-in')
  await page.keyboard.type('viewer')
  await page.keyboard.press('Tab')
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await page.locator('#refusal', { hasText: /./ }).waitFor()
  complaints.length = 0
  await page.locator('#password').fill('')
  await page.keyboard.type(world.viewer.password)
  await page.keyboard.press('Enter')
  await waitForText('No feed decided anything alone.')
})

test('turns the dial with the arrow keys, and the ribbon and the log follow', async () => {
  await tabTo('lens-off')
  await page.keyboard.press('ArrowDown')
  await waitForStatus('You look through “Friends”.')
  await page.keyboard.press('ArrowDown')
  await waitForStatus('You look through “Default”.')
  await page.locator('#lens-default:focus').waitFor()
  await waitForText('Hidden: 6')
  await page.getByText('6 messages').or(page.getByText('24 messages by others')).first().waitFor()
})

test('every line of the log says why, and the sum is there', async () => {
  await press('decision-0-ask')
  await waitForText(/^garden-watch and east-list call this m\.spam\.$|^east-list and garden-watch call this m\.spam\.$/)
  const cells = await page.locator('#decision-0-why tbody tr').allInnerTexts()
  const against = cells.map((line) => Number(line.split('\t').at(-1)))
  assert.ok(Math.abs(against[0]! + against[1]! - against[2]!) < 0.02, cells.join('\n'))
  assert.deepEqual(await findViolations(), [])
  await photograph('wide-light')
})

test('one step shows a message again, in every client, and one step takes it back', async () => {
  await press('decision-0-show')
  await waitForText(/Cheap pills, offer 23/)
  const { chunk } = await world.viewer.ok('GET', `rooms/${world.roomId}/messages?dir=b&limit=1`)
  assert.equal((chunk as { content: { body: string } }[])[0]!.content.body, 'Cheap pills, offer 23')
  await page.locator('#decision-0-undo:focus').waitFor()
  await page.keyboard.press('Enter')
  await waitForStatus('Undone')
  await page.locator('#decision-0-show:focus').waitFor()
})

test('trust has a spoken value, and a preview says what saving would change', async () => {
  const feed = (await page.locator('.feed input[type=range]').first().getAttribute('id'))!
  await tabTo(feed)
  await page.keyboard.press('Home')
  assert.equal(await page.locator(`#${feed}`).getAttribute('aria-valuetext'), 'not used, 0 of 5')
  await press('preview')
  await waitForText(/^If saved: .*6 messages would (get a note|be blurred)/)
  await photograph('preview')
  await press('save')
  await waitForStatus('Saved.')
  await waitForText(/Blurred: 6|Noted: 6/)
})

test('follows a feed by its address', async () => {
  await tabTo('follow-address')
  await page.keyboard.type(world.otherAddress)
  await page.keyboard.press('Enter')
  await waitForText('west-list')
})

test('tries the lens of somebody else for ten minutes, and goes back', async () => {
  await page.locator('#try summary').focus()
  await page.keyboard.press('Enter')
  await tabTo('try-code')
  const subscriptions = [{ address: world.otherAddress, trust: { '*': 'own' }, mode: 'enforce' }]
  await page.keyboard.insertText(JSON.stringify({ parallax_lens: 1, name: 'Olga', subscriptions }))
  await press('try-start')
  await waitForText(/You are trying “Tried: Olga” until/)
  await waitForText('Hidden: 6')
  assert.deepEqual(await findViolations(), [])
  await press('try-undo')
  await waitForStatus('Back to “Default”.')
  const { chosen } = await world.viewer.ok('GET', `${world.base}/lenses`)
  assert.equal(chosen, 'default')
})

test('a lens is deleted in one step, and comes back in one', async () => {
  await press('delete')
  await page.locator('#delete-undo:focus').waitFor()
  const chosenNow = async () => (await world.viewer.ok('GET', `${world.base}/lenses`)).chosen
  assert.equal(await chosenNow(), null)
  await page.keyboard.press('Enter')
  await waitForStatus('“Default” is back.')
  assert.equal(await chosenNow(), 'default')
})

test('the week, the stars and what feeds say of oneself are told in words too', async () => {
  await page.locator('#week', { hasText: /of 24 messages kept back/ }).waitFor()
  await page.locator('#sky th', { hasText: 'east-list' }).waitFor()
  await page.locator('#about', { hasText: 'No feed that this server follows names you openly.' }).waitFor()
  assert.deepEqual(await findViolations(), [])
  await photograph('stars')
})

test('an invitation kept aside can be seen and accepted', async () => {
  await world.viewer.ok('PUT', `${world.base}/lenses/strict`, {
    subscriptions: [],
    rules: [{ kind: 'user', entity: world.spammer.userId, value: 'block' }],
  })
  await world.viewer.ok('PUT', `${world.base}/lens`, { name: 'strict' })
  await world.spammer.ok('POST', 'createRoom', { preset: 'public_chat', invite: [world.viewer.userId] })
  await page.reload()
  await waitForText(`From ${world.spammer.userId}`)
  await page.getByRole('button', { name: 'Accept' }).focus()
  await page.keyboard.press('Enter')
  await waitForStatus('Accepted.')
})

test('fits 320 px and 400 % zoom, in light and in dark, without a fault that axe finds', async () => {
  await page
    .getByRole('button', { name: /^Why\?/ })
    .first()
    .focus()
  await page.keyboard.press('Enter')
  await waitForText('Your own rule decides this.')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    for (const [width, name] of [
      [1100, `wide-${scheme}-rules`],
      [320, `narrow-${scheme}`],
    ] as const) {
      await page.setViewportSize({ width, height: 800 })
      await photograph(name)
      const { scroll, client } = await page.evaluate<{ scroll: number; client: number }>(
        '({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })',
      )
      assert.ok(scroll <= client, `${scroll} px of content at ${width} px`)
      assert.deepEqual(await findViolations(), [], `${scheme} ${width}`)
    }
  }
})

test('signs out; nothing came from elsewhere, and no rule of the page was broken', async () => {
  await page.getByRole('button', { name: 'Sign out' }).focus()
  await page.keyboard.press('Enter')
  await waitForText('You are signed out.')
  assert.equal(await page.evaluate('sessionStorage.length'), 0)
  const origin = new URL(world.server.baseUrl).origin
  assert.deepEqual([...new Set(requests.map((url) => new URL(url).origin))], [origin])
  assert.deepEqual(complaints, [])
})
