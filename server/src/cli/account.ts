/** `parallax account …`: accounts, whether the server runs or not. */

import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { administer } from './administer.ts'
import { type Command, exitStatus, readOptions, UsageError } from './command.ts'

const passwordHelp = `  --password-stdin  read the password from standard input; otherwise one is made up and printed
  --config FILE     the config file`

export const accountCreate: Command = {
  help: `Usage: parallax account create NAME [options]

Options:
  --admin           with all rights
${passwordHelp}

Examples:
  parallax account create alice --admin
  echo "$PASSWORD" | parallax account create bob --password-stdin`,
  async run(words, environment) {
    const kinds = { admin: 'boolean', 'password-stdin': 'boolean', config: 'string' } as const
    const { options, words: names } = readOptions(words, kinds, 1)
    const localpart = requireName(names)
    const { password, isMadeUp } = await readPassword(options['password-stdin'])
    const account = { localpart, password, isAdmin: options.admin === true }
    const userId = await administer(environment, options.config, { operation: 'create-account', ...account })
    console.log(`The account ${userId} is made.${isMadeUp ? ` Its password: ${password}` : ''}`)
    return exitStatus.ok
  },
}

export const accountResetPassword: Command = {
  help: `Usage: parallax account reset-password NAME [options]

Options:
${passwordHelp}

Example:
  parallax account reset-password @alice:example.org`,
  async run(words, environment) {
    const { options, words: names } = readOptions(words, { 'password-stdin': 'boolean', config: 'string' }, 1)
    const name = requireName(names)
    const { password, isMadeUp } = await readPassword(options['password-stdin'])
    const userId = await administer(environment, options.config, { operation: 'reset-password', name, password })
    console.log(`${userId} has a new password${isMadeUp ? `: ${password}` : '.'}`)
    return exitStatus.ok
  },
}

export const accountPromote: Command = {
  help: `Usage: parallax account promote NAME [options]

Options:
  --undo            take the rights of an admin away
  --config FILE     the config file

Example:
  parallax account promote alice`,
  async run(words, environment) {
    const { options, words: names } = readOptions(words, { undo: 'boolean', config: 'string' }, 1)
    const isAdmin = options.undo !== true
    const userId = await administer(environment, options.config, {
      operation: 'set-admin',
      name: requireName(names),
      isAdmin,
    })
    console.log(`${userId} is ${isAdmin ? 'an admin now' : 'no admin any more'}.`)
    return exitStatus.ok
  },
}

const dayMs = 86_400_000

export const accountInvite: Command = {
  help: `Usage: parallax account invite [options]

Prints a token with which people can register where the config has registration.tokens.

Options:
  --uses N          how many people may use it; 1 unless given
  --days N          how long it is valid; 7 days unless given
  --config FILE     the config file

Example:
  parallax account invite --uses 5 --days 30`,
  async run(words, environment) {
    const { options } = readOptions(words, { uses: 'string', days: 'string', config: 'string' }, 0)
    const usesMax = readCount('--uses', options.uses, 1)
    const lifetimeMs = readCount('--days', options.days, 7) * dayMs
    console.log(await administer(environment, options.config, { operation: 'create-invite', usesMax, lifetimeMs }))
    return exitStatus.ok
  },
}

function readCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${name} needs a whole number from 1 to 999999`)
  return Number(text)
}

function requireName([name]: readonly string[]): string {
  if (name === undefined) throw new UsageError('The name of the account is missing')
  return name
}

async function readPassword(isGiven: boolean | undefined): Promise<{ password: string; isMadeUp: boolean }> {
  if (isGiven !== true) return { password: randomBytes(15).toString('base64url'), isMadeUp: true }
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw new UsageError('Standard input holds no password')
  return { password, isMadeUp: false }
}
