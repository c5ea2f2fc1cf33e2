/** Reading of request bodies, bounded, as bytes or as a JSON object. */

import type { IncomingMessage } from 'node:http'
import { isJsonObject, type JsonObject, type JsonValue, ProtocolError, parseStrictJson } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

const none = new Uint8Array(0)

/**
 * The bytes of a request's body; throws M_TOO_LARGE past `bytesMax`, whether the length was announced or not. `hold` is
 * told of each chunk, and may throw.
 */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  hold?: (bytes: number) => void,
): Promise<Uint8Array> {
  const announced = request.headers['content-length']
  if (announced === undefined && request.headers['transfer-encoding'] === undefined) return Promise.resolve(none)
  if (announced !== undefined && Number(announced) > bytesMax) return Promise.reject(tooLarge(bytesMax))
  // Who waited may come too late to hear of it.
  if (request.destroyed) return Promise.reject(brokenOff())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isRefused = false
    const refuse = (reason: unknown) => {
      isRefused = true
      chunks.length = 0
      reject(reason)
    }
    request.on('data', (chunk: Buffer) => {
      if (isRefused) return
      length += chunk.length
      if (length > bytesMax) return refuse(tooLarge(bytesMax))
      try {
        hold?.(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        refuse(error)
      }
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(brokenOff())
    })
  })
}

/** The object that a body describes; no bytes are `{}` where that is allowed. `floats`: as `parseStrictJson`. */
export function parseJsonBody(bytes: Uint8Array, emptyAllowed: boolean, floats: 'keep' | 'mark' = 'keep'): JsonObject {
  if (bytes.length === 0 && emptyAllowed) return {}
  if (bytes.length === 0) throw new MatrixError('M_NOT_JSON', 'The request needs a body with a JSON object.')
  const value = parseValue(bytes, floats)
  if (isJsonObject(value)) return value
  throw new MatrixError('M_BAD_JSON', 'The body must be a JSON object.')
}

function parseValue(bytes: Uint8Array, floats: 'keep' | 'mark'): JsonValue {
  try {
    return parseStrictJson(bytes, { floats })
  } catch (error) {
    if (error instanceof ProtocolError)
      throw new MatrixError('M_NOT_JSON', `The body is not valid JSON: ${error.message}.`)
    throw error
  }
}

function brokenOff(): MatrixError {
  return new MatrixError('M_NOT_JSON', 'The request ended before its body.')
}

function tooLarge(bytesMax: number): MatrixError {
  return new MatrixError('M_TOO_LARGE', `The body must not be larger than ${bytesMax} bytes.`)
}
