/** HTTP requests byte for byte: bad paths, bad headers and bad bodies, which fetch would refuse to send. */

import { request } from 'node:http'

export type RawRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

export type RawReply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** `errcode` of the body, if that is JSON with one. */
  readonly errcode: string | undefined
}

/** Sends a request to a server of this machine; the path goes out as it is. */
export function sendRaw(baseUrl: string, { method, path, headers = {}, body }: RawRequest): Promise<RawReply> {
  const { port } = new URL(baseUrl)
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers } }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        text += chunk
      })
      reply.on('error', reject)
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, errcode: errcodeOf(text) }),
      )
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(10_000, () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)))
    outgoing.end(body)
  })
}

function errcodeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { errcode?: string }).errcode
  } catch {
    return undefined
  }
}
