/** Hydrogen in a real browser: log in, see rooms, read and write, see what others write meanwhile. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { registerAccount, type TestAccount } from '../kit/account.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import { startBrowser } from './browser.ts'
import { type HydrogenPage, serveHydrogen } from './hydrogen-page.ts'

let server: ServerProcess
let hydrogen: HydrogenPage
let browser: Browser
let page: Page
let alice: TestAccount
let bob: TestAccount
let roomId: string

async function ask(account: TestAccount, method: string, path: string, body?: object): Promise<Record<string, string>> {
  const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${account.accessToken}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  assert.equal(answer.status, 200, `${method} ${path}: ${await answer.clone().text()}`)
  return (await answer.json()) as Record<string, string>
}

const say = (account: TestAccount, content: object): Promise<Record<string, string>> =>
  ask(account, 'PUT', `rooms/${roomId}/send/m.room.message/${crypto.randomUUID()}`, content)

before(async () => {
  server = await startServer()
  alice = await registerAccount(server.baseUrl, 'alice')
  bob = await registerAccount(server.baseUrl, 'bob')
  const created = await ask(bob, 'POST', 'createRoom', { name: 'The garden', preset: 'public_chat' })
  roomId = encodeURIComponent(created.room_id!)
  await ask(alice, 'POST', `rooms/${roomId}/join`, {})
  await say(bob, { msgtype: 'm.text', body: 'The beans are up' })
  hydrogen = await serveHydrogen(server.baseUrl)
  browser = await startBrowser()
  page = await browser.newPage({ viewport: { width: 1000, height: 700 } })
  page.setDefaultTimeout(20_000)
})

after(async () => {
  await browser?.close()
  hydrogen?.close()
  await server?.close()
})

test('logs in and shows the list of rooms', async () => {
  await page.goto(hydrogen.url)
  await page.locator('#username').fill('alice')
  await page.locator('#password').fill(alice.password)
  await page.getByRole('button', { name: 'Log In' }).click()
  await page.getByText('The garden').first().waitFor()
})

test('opens a room, reads its history and writes', async () => {
  await page.getByText('The garden').first().click()
  await page.getByText('The beans are up').last().waitFor()
  await page.locator('.MessageComposer textarea').fill('I will water them')
  await page.locator('.MessageComposer textarea').press('Enter')
  const isThere = async (): Promise<boolean> => {
    const { chunk } = (await ask(bob, 'GET', `rooms/${roomId}/messages?dir=b&limit=5`)) as unknown as {
      chunk: { content: { body?: string }; sender: string }[]
    }
    return chunk.some(({ content, sender }) => content.body === 'I will water them' && sender === alice.userId)
  }
  for (let tries = 0; !(await isThere()); tries++) {
    assert.ok(tries < 100, 'the message reached the server')
    await page.waitForTimeout(100)
  }
})

test('shows what others write, while they write it', async () => {
  await say(bob, { msgtype: 'm.text', body: 'And the peas?' })
  await page.locator('.Timeline').getByText('And the peas?').waitFor()
})

test('shows a picture', async () => {
  const background = { r: 40, g: 150, b: 60 }
  const picture = await sharp({ create: { width: 240, height: 160, channels: 3, background } })
    .png()
    .toBuffer()
  const uploaded = await fetch(`${server.baseUrl}/_matrix/media/v3/upload?filename=peas.png`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.accessToken}`, 'content-type': 'image/png' },
    body: new Uint8Array(picture),
  })
  const { content_uri: url } = (await uploaded.json()) as { content_uri: string }
  const info = { mimetype: 'image/png', w: 240, h: 160, size: picture.length }
  await say(bob, { msgtype: 'm.image', body: 'peas.png', url, info })
  const shown = page.locator('.Timeline img[title="peas.png"], .Timeline .media img').last()
  await shown.waitFor()
  const isLoaded = (image: object) => (image as unknown as { naturalWidth: number }).naturalWidth > 0
  for (let tries = 0; !(await shown.evaluate(isLoaded)); tries++) {
    assert.ok(tries < 100, 'the picture was loaded')
    await page.waitForTimeout(100)
  }
  if (process.env.PARALLAX_SCREENSHOTS !== undefined) {
    await page.screenshot({ path: join(process.env.PARALLAX_SCREENSHOTS, 'hydrogen.png') })
  }
})
