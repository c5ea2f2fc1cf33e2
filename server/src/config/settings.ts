/** The settings as a flat list of paths, and the reading of one value, with sentences for what is wrong. */

import { configSchema } from './schema.ts'

export type Setting = {
  /** `listen.port` */
  readonly path: string
  readonly kind: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'choice'
  readonly choices: readonly string[]
  readonly fallback: unknown
  readonly description: string
  readonly variable: string | undefined
  readonly isSecret: boolean
  readonly minimum: number | undefined
  readonly maximum: number | undefined
}

type Node = {
  readonly type?: string
  readonly properties?: Record<string, Node>
  readonly anyOf?: readonly { readonly const: string }[]
  readonly default?: unknown
  readonly description?: string
  readonly variable?: string
  readonly secret?: true
  readonly minimum?: number
  readonly maximum?: number
}

/** All settings, in the order of the schema. */
export const settings: readonly Setting[] = listSettings(configSchema as unknown as Node, '')

function listSettings(node: Node, path: string): Setting[] {
  if (node.properties === undefined) return [settingOf(node, path)]
  return Object.entries(node.properties).flatMap(([name, child]) =>
    listSettings(child, path === '' ? name : `${path}.${name}`),
  )
}

function settingOf(node: Node, path: string): Setting {
  return {
    path,
    kind: node.anyOf ? 'choice' : (node.type as Setting['kind']),
    choices: node.anyOf?.map((choice) => choice.const) ?? [],
    fallback: node.default,
    description: node.description ?? '',
    variable: node.variable,
    isSecret: node.secret === true,
    minimum: node.minimum,
    maximum: node.maximum,
  }
}

export type ReadValue = { readonly value: unknown } | { readonly fault: string }

/** A value of the config file as the setting wants it. */
export function readFileValue(setting: Setting, value: unknown): ReadValue {
  const { kind, choices } = setting
  if (kind === 'choice') {
    return choices.includes(value as string) ? { value } : { fault: `must be one of ${choices.join(', ')}` }
  }
  if (kind === 'integer' || kind === 'number') return readNumber(setting, value)
  if (kind === 'array') return Array.isArray(value) ? { value } : { fault: 'must be a list' }
  if (kind === 'string' && typeof value === 'number') return { value: String(value) }
  const names = { string: 'must be a text', boolean: 'must be true or false' }
  return typeof value === kind ? { value } : { fault: names[kind] }
}

/** The text of an environment variable as the setting wants it. */
export function readVariable(setting: Setting, text: string): ReadValue {
  if (setting.kind === 'boolean') return readSwitch(text)
  if (setting.kind === 'array') return { value: text.split(',').map((item) => item.trim()) }
  if (setting.kind !== 'integer' && setting.kind !== 'number') return readFileValue(setting, text)
  return readNumber(setting, /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text)
}

function readNumber({ kind, minimum, maximum }: Setting, value: unknown): ReadValue {
  const isRight = kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)
  if (!isRight) return { fault: kind === 'integer' ? 'must be a whole number' : 'must be a number' }
  if (minimum !== undefined && (value as number) < minimum) return { fault: `must be at least ${minimum}` }
  if (maximum !== undefined && (value as number) > maximum) return { fault: `must be at most ${maximum}` }
  return { value }
}

function readSwitch(text: string): ReadValue {
  const word = text.trim().toLowerCase()
  if (['1', 'on', 'true', 'yes'].includes(word)) return { value: true }
  if (['0', 'off', 'false', 'no'].includes(word)) return { value: false }
  return { fault: 'must be 1, on, 0 or off' }
}
