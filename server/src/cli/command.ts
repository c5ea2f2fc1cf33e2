/** What a command is, and what the exit statuses mean. */

import { parseArgs } from 'node:util'

export type Command = {
  /** Options and examples. */
  readonly help: string
  /** Answers the exit status; may throw: cli/explain-failure.ts tells the user. */
  readonly run: (words: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number>
}

export const exitStatus = {
  ok: 0,
  /** It did not work, or something is wrong with the set-up. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The configuration is wrong. */
  config: 3,
  /** Another process has the data folder open. */
  busy: 4,
} as const

/** A command line that makes no sense: a sentence for the user. */
export class UsageError extends Error {}

type OptionKinds = Record<string, 'string' | 'boolean'>
type Options<Kinds extends OptionKinds> = {
  [Name in keyof Kinds]?: Kinds[Name] extends 'string' ? string : boolean
}

/** The options and the other words of a command line; throws a UsageError for what is not known. */
export function readOptions<const Kinds extends OptionKinds>(
  words: readonly string[],
  kinds: Kinds,
  wordsMax = 0,
): { options: Options<Kinds>; words: string[] } {
  try {
    const options = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]))
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: wordsMax > 0 })
    if (positionals.length > wordsMax) throw new Error(`"${positionals[wordsMax]}" is one word too many`)
    return { options: values as Options<Kinds>, words: positionals }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
