/** `parallax reputation …`: the lens of the server, whether it runs or not. */

import { administer } from './administer.ts'
import { type Command, exitStatus, readOptions, UsageError } from './command.ts'

const about = `KIND is user, server, room, space, event, media, domain or url; NAME is what it is called, for media
mxc://…, sha256:… or pdq:….

Options:
  --reason TEXT     why, for the log
  --config FILE     the config file`

function ruleCommand(name: string, value: 'block' | 'allow' | null, lead: string, told: string): Command {
  return {
    help: `Usage: parallax reputation ${name} KIND NAME [options]

${lead}
${about}

Example:
  parallax reputation ${name} server evil.example --reason "sends spam only"`,
    async run(words, environment) {
      const { options, words: names } = readOptions(words, { reason: 'string', config: 'string' }, 2)
      const [kind, entity] = names
      if (kind === undefined || entity === undefined) throw new UsageError('The kind and the name are missing')
      const reason = options.reason ?? ''
      await administer(environment, options.config, { operation: 'reputation-rule', kind, entity, value, reason })
      console.log(`${kind} ${entity}: ${told}`)
      return exitStatus.ok
    },
  }
}

export const reputationBlock = ruleCommand('block', 'block', 'This server refuses it from now on.', 'refused here.')
export const reputationAllow = ruleCommand(
  'allow',
  'allow',
  'What feeds in a blend say of it does not count on this server; what is enforced does.',
  'allowed here.',
)
export const reputationClear = ruleCommand('clear', null, 'Takes the rule on it away.', 'no rule any more.')

function printCommand(name: string, operation: 'reputation-show' | 'reputation-log', lead: string): Command {
  return {
    help: `Usage: parallax reputation ${name} [options]

${lead}

Options:
  --config FILE     the config file

Example:
  parallax reputation ${name}`,
    async run(words, environment) {
      const { options } = readOptions(words, { config: 'string' })
      console.log(await administer(environment, options.config, { operation }))
      return exitStatus.ok
    },
  }
}

export const reputationShow = printCommand('show', 'reputation-show', 'Prints the lens of the server, as JSON.')
export const reputationLog = printCommand(
  'log',
  'reputation-log',
  'Prints who changed the lens of the server in the last 30 days, how and why, as JSON, the newest first.',
)
