/** The command line: finds the command, loads only its code, and turns failures into sentences and exit statuses. */

import { type Command, exitStatus } from './command.ts'

const commands: Readonly<Record<string, { about: string; load: () => Promise<Command> }>> = {
  start: { about: 'Start the server (also without a command).', load: async () => (await import('./start.ts')).start },
  'config check': {
    about: 'Check the configuration without starting anything.',
    load: async () => (await import('./config.ts')).configCheck,
  },
  'config show': {
    about: 'Show every setting, its value and where it came from.',
    load: async () => (await import('./config.ts')).configShow,
  },
  'generate-config': {
    about: 'Print a commented config file to begin with.',
    load: async () => (await import('./config.ts')).generateConfig,
  },
  'account create': {
    about: 'Make an account.',
    load: async () => (await import('./account.ts')).accountCreate,
  },
  'account reset-password': {
    about: 'Give an account a new password.',
    load: async () => (await import('./account.ts')).accountResetPassword,
  },
  'account invite': {
    about: 'Make a token with which people can register.',
    load: async () => (await import('./account.ts')).accountInvite,
  },
  'account promote': {
    about: 'Make an account an admin, or take that away.',
    load: async () => (await import('./account.ts')).accountPromote,
  },
  'reputation show': {
    about: 'Print the lens of the server.',
    load: async () => (await import('./reputation.ts')).reputationShow,
  },
  'reputation block': {
    about: 'Refuse a user, server, room, file or domain here.',
    load: async () => (await import('./reputation.ts')).reputationBlock,
  },
  'reputation allow': {
    about: 'Let feeds not count for something here.',
    load: async () => (await import('./reputation.ts')).reputationAllow,
  },
  'reputation clear': {
    about: 'Take a rule of the server away.',
    load: async () => (await import('./reputation.ts')).reputationClear,
  },
  'reputation log': {
    about: 'Print who changed the lens of the server, and why.',
    load: async () => (await import('./reputation.ts')).reputationLog,
  },
  'setup-link': {
    about: 'Print a new link to make the first account.',
    load: async () => (await import('./setup-link.ts')).setupLink,
  },
  'keys rotate': {
    about: 'Replace the signing key; the old one stays published.',
    load: async () => (await import('./keys-rotate.ts')).keysRotate,
  },
  doctor: { about: 'Look for what is wrong with this set-up.', load: async () => (await import('./doctor.ts')).doctor },
}

const usage = `Parallax, a Matrix homeserver.

Usage: parallax [command] [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(24)}${about}`)
  .join('\n')}

Each command explains itself: parallax <command> --help

Examples:
  parallax start
  SERVER_NAME=example.org parallax start --config /etc/parallax.yaml
  parallax doctor --json`

/** Runs a command; answers the exit status of the process. */
export async function runCommandLine(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  if (isHelp(words[0])) return say(usage)
  if (words[0] === '--version' || words[0] === 'version') return say((await import('../base/index.ts')).version())
  const { name, rest } = splitCommand(words)
  const entry = commands[name]
  if (entry === undefined) return await refuseCommand(name)
  const command = await entry.load()
  if (rest.some(isHelp)) return say(`parallax ${name}: ${entry.about}\n\n${command.help}`)
  try {
    return await command.run(rest, environment)
  } catch (error) {
    return (await import('./explain-failure.ts')).explainFailure(error)
  }
}

/** `config check --json` is the command `config check`; options alone are those of `start`. */
function splitCommand(words: readonly string[]): { name: string; rest: readonly string[] } {
  const [first, second] = words
  if (first === undefined || first.startsWith('-')) return { name: 'start', rest: words }
  const both = `${first} ${second}`
  if (second !== undefined && both in commands) return { name: both, rest: words.slice(2) }
  const hasParts = Object.keys(commands).some((name) => name.startsWith(`${first} `))
  const name = hasParts && second !== undefined && !second.startsWith('-') ? both : first
  return { name, rest: words.slice(1) }
}

async function refuseCommand(name: string): Promise<number> {
  const { findClosest } = await import('../config/index.ts')
  const parts = Object.keys(commands).filter((known) => known.startsWith(`${name} `))
  const meant = findClosest(name, Object.keys(commands))
  const hint =
    parts.length > 0 ? ` It has: ${parts.join(', ')}.` : meant === undefined ? '' : ` Did you mean "${meant}"?`
  console.error(`parallax: there is no command "${name}".${hint}\nparallax --help lists the commands.`)
  return exitStatus.usage
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === 'help'
}

function say(text: string): number {
  console.log(text)
  return exitStatus.ok
}
