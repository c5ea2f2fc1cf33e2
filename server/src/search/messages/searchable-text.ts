/** What is searched of an event. Spec: client-server-api#search-categories. */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { messageLimits } from '../limits.ts'

/** Types of events that are searched, each with the key that names its text in a request. */
export const searchedKeys: ReadonlyMap<string, string> = new Map([
  ['m.room.message', 'content.body'],
  ['m.room.name', 'content.name'],
  ['m.room.topic', 'content.topic'],
])

/** The text of a content, shortened to what is indexed; of an edit, what it puts in place. */
export function searchableTextOf(type: string, content: JsonObject): string {
  const texts = textsOf(type, content).filter((text) => typeof text === 'string')
  return [...new Set(texts)].join('\n').slice(0, messageLimits.textCharsMax)
}

function textsOf(type: string, content: JsonObject): (JsonValue | undefined)[] {
  if (type === 'm.room.message') {
    const edited = content['m.new_content']
    const isEdit = isJsonObject(content['m.relates_to']) && content['m.relates_to'].rel_type === 'm.replace'
    return [isEdit && isJsonObject(edited) ? edited.body : content.body]
  }
  if (type === 'm.room.name') return [content.name]
  return type === 'm.room.topic' ? [content.topic, plainTopicOf(content)] : []
}

function plainTopicOf(content: JsonObject): JsonValue | undefined {
  const block = content['m.topic']
  const forms = isJsonObject(block) ? block['m.text'] : undefined
  if (!Array.isArray(forms)) return undefined
  const plain = forms.find((form) => isJsonObject(form) && (form.mimetype ?? 'text/plain') === 'text/plain')
  return isJsonObject(plain) ? plain.body : undefined
}
