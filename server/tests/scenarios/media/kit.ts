/** Files in tests: raw requests, for their bodies are not JSON. */

import type { InProcess, TestUser } from '../../kit/in-process.ts'

/** A request whose reply may be any bytes. */
export async function fetchRaw(
  server: InProcess,
  path: string,
  user?: TestUser,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers)
  if (user !== undefined) headers.set('authorization', `Bearer ${user.token}`)
  return fetch(`${server.baseUrl}${path}`, { ...init, headers, redirect: 'manual' })
}

/** Uploads bytes; answers the server and the name of `mxc://server/name` as a path. */
export async function upload(
  server: InProcess,
  user: TestUser,
  bytes: Uint8Array | string,
  contentType = 'application/octet-stream',
  fileName = '',
): Promise<string> {
  const query = fileName === '' ? '' : `?filename=${encodeURIComponent(fileName)}`
  const init = { method: 'POST', body: Buffer.from(bytes), headers: { 'content-type': contentType } }
  const answer = await fetchRaw(server, `/_matrix/media/v3/upload${query}`, user, init)
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  const { content_uri: uri } = (await answer.json()) as { content_uri: string }
  return uri.slice('mxc://'.length)
}

export const downloadPath = (place: string): string => `/_matrix/client/v1/media/download/${place}`
