/**
 * Previews of pages. Spec: client-server-api#get_matrixclientv1mediapreview_url. Which addresses may be reached is
 * decided by remote, after DNS and at each redirect.
 */

import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { type OutgoingReply, RemoteError } from '../remote/index.ts'
import { mediaLimits } from './limits.ts'
import type { Media, MediaDeps, Uploader } from './media.ts'
import { findPreview, insertMedia, upsertPreview } from './media-table.ts'
import { decodePage, parsePage } from './parse-page.ts'
import type { Screen } from './screen.ts'
import type { Thumbnailer } from './thumbnail.ts'
import { createMediaId } from './uploads.ts'

type PreviewDeps = MediaDeps & { readonly screen: Screen }

type Facts = Record<string, string | number>

export function createPreviews(deps: MediaDeps, thumbnailer: Thumbnailer, screen: Screen): Pick<Media, 'preview'> {
  const { store, clock, config } = deps
  const turns = createKeyedQueue<string>()
  return {
    async preview(by, address) {
      if (!config.arePreviewsOn) throw new MatrixError('M_FORBIDDEN', 'This server makes no previews.')
      const url = parseAddress(address)
      await screen.requireSafePage(url, by.user)
      if (turns.size >= mediaLimits.previewsAtOnce) {
        throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many previews are being made.', { retry_after_ms: 2_000 })
      }
      return turns.run(url, async () => {
        const known = await findPreview(store.reader, url, clock.nowMs() - mediaLimits.previewAgeMs)
        if (known !== undefined) return JSON.parse(known) as Facts
        const preview = await describe({ ...deps, screen }, thumbnailer, by, url)
        await store.transact((tx) => upsertPreview(tx, url, clock.nowMs(), JSON.stringify(preview)))
        return preview
      })
    },
  }
}

function parseAddress(address: string): string {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new MatrixError('M_INVALID_PARAM', 'Only http: and https: addresses without a password can be previewed.')
  }
  url.hash = ''
  return url.href
}

async function describe(deps: PreviewDeps, thumbnailer: Thumbnailer, by: Uploader, url: string): Promise<Facts> {
  const reply = await fetchPage(deps, by, url, 'text/html, image/*;q=0.9, */*;q=0.1', mediaLimits.previewPageBytesMax)
  const contentType = String(reply.headers['content-type'] ?? '')
  if (contentType.startsWith('image/')) return keepImage(deps, thumbnailer, by, reply)
  if (!/^(text\/html|application\/xhtml\+xml)/i.test(contentType)) return {}
  const { properties, oembed } = parsePage(decodePage(reply.body, contentType))
  const facts: Facts = Object.fromEntries(properties)
  if (oembed !== undefined && !('og:title' in facts)) Object.assign(facts, await askOembed(deps, by, oembed, reply.url))
  const image = facts['og:image'] ?? facts['og:image:url'] ?? facts['og:image:secure_url']
  for (const name of Object.keys(facts)) if (name.startsWith('og:image')) delete facts[name]
  if (typeof image !== 'string') return facts
  return { ...facts, ...(await fetchImage(deps, thumbnailer, by, URL.parse(image, reply.url)?.href)) }
}

async function fetchPage(
  deps: PreviewDeps,
  by: Uploader,
  url: string,
  accept: string,
  bodyBytesMax: number,
): Promise<OutgoingReply> {
  const headers = { accept, 'user-agent': 'Parallax (link preview; bot)', 'accept-language': 'en, *;q=0.5' }
  const { previewTimeoutMs: timeoutMs, previewRedirectsMax: redirectsMax } = mediaLimits
  try {
    const reply = await deps.outgoing.request({ method: 'GET', url, headers, bodyBytesMax, timeoutMs, redirectsMax })
    // It may have led elsewhere.
    if (reply.url !== url) await deps.screen.requireSafePage(reply.url, by.user)
    if (reply.status === 200) return reply
    throw new MatrixError('M_NOT_FOUND', `The page answered ${reply.status}.`)
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    if (error.kind === 'blocked-address') throw new MatrixError('M_FORBIDDEN', 'This address must not be previewed.')
    throw new MatrixError('M_UNKNOWN', `The page could not be fetched (${error.kind}).`, {}, 502)
  }
}

/** A page without its picture is a preview too: what is wrong with the picture is its own fault. */
async function fetchImage(
  deps: PreviewDeps,
  thumbnailer: Thumbnailer,
  by: Uploader,
  url: string | undefined,
): Promise<Facts> {
  if (url === undefined || !/^https?:/.test(url)) return {}
  try {
    await deps.screen.requireSafePage(url, by.user)
    const reply = await fetchPage(deps, by, url, 'image/*', mediaLimits.previewImageBytesMax)
    return await keepImage(deps, thumbnailer, by, reply)
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    deps.logger.debug({ err: error }, 'the picture of a preview was left out')
    return {}
  }
}

async function keepImage(
  deps: PreviewDeps,
  thumbnailer: Thumbnailer,
  by: Uploader,
  reply: OutgoingReply,
): Promise<Facts> {
  const contentType = String(reply.headers['content-type'] ?? '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase()
  const size = await thumbnailer.measure(reply.body)
  if (size === undefined || !/^image\/(png|jpeg|gif|webp|avif)$/.test(contentType)) return {}
  const receiver = await deps.blobs.receive()
  await receiver.write(reply.body)
  const stored = await receiver.finish()
  await deps.screen.requireSafe({ ...stored, contentType })
  const [origin, mediaId] = [by.userId.slice(by.userId.indexOf(':') + 1), createMediaId()]
  const rest = { owner: null, createdMs: deps.clock.nowMs(), expiresMs: null, fileName: null, isQuarantined: false }
  await deps.store.transact((tx) => insertMedia(tx, { origin, mediaId, ...stored, contentType, ...rest }))
  return {
    'og:image': `mxc://${origin}/${mediaId}`,
    'og:image:type': contentType,
    'og:image:width': size.width,
    'og:image:height': size.height,
    'matrix:image:size': stored.bytes,
  }
}

/** Spec: oembed.com. Only names and texts are taken, never markup. */
async function askOembed(deps: PreviewDeps, by: Uploader, place: string, base: string): Promise<Facts> {
  const url = URL.parse(place, base)?.href
  if (url === undefined || !/^https?:/.test(url)) return {}
  const facts: Facts = {}
  try {
    const reply = await fetchPage(deps, by, url, 'application/json', mediaLimits.previewPageBytesMax)
    const found: unknown = JSON.parse(reply.body.toString('utf8'))
    if (typeof found !== 'object' || found === null) return facts
    for (const [from, to] of oembedNames) {
      const text: unknown = Reflect.get(found, from)
      if (typeof text === 'string') facts[to] = text.slice(0, mediaLimits.previewTextMax)
    }
  } catch (error) {
    if (!(error instanceof MatrixError || error instanceof SyntaxError)) throw error
    deps.logger.debug({ err: error }, 'the description of a preview was left out')
  }
  return facts
}

const oembedNames = [
  ['title', 'og:title'],
  ['author_name', 'og:author'],
  ['provider_name', 'og:site_name'],
  ['thumbnail_url', 'og:image'],
] as const
