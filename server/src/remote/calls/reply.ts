/** Reading of replies. What is not there as it must be is a RemoteError `bad-reply`. */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { RemoteError } from '../remote-error.ts'

/** The reply as an object. */
export function requireObject(reply: JsonValue | undefined, what: string): JsonObject {
  return isJsonObject(reply) ? reply : fail(`${what}: not an object`)
}

/** A list of at most `lengthMax` entries; what is beyond is refused. */
export function requireList(reply: JsonObject, name: string, lengthMax: number): readonly JsonValue[] {
  const list = reply[name]
  if (!Array.isArray(list)) fail(`${name}: not a list`)
  if (list.length > lengthMax) fail(`${name}: more than ${lengthMax} entries`)
  return list
}

/** A list of texts. */
export function requireTexts(reply: JsonObject, name: string, lengthMax: number): readonly string[] {
  const list = requireList(reply, name, lengthMax)
  if (!list.every((entry) => typeof entry === 'string')) fail(`${name}: not all are texts`)
  return list as readonly string[]
}

export function requireText(reply: JsonObject, name: string): string {
  const text = reply[name]
  return typeof text === 'string' ? text : fail(`${name}: not a text`)
}

function fail(message: string): never {
  throw new RemoteError('bad-reply', `a reply cannot be used: ${message}`)
}
