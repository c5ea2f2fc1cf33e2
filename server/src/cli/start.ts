/** `parallax start`: runs the server until a signal ends it. */

import { resolve } from 'node:path'
import { collectWhenIdle, createPinoLogger, createSystemClock, type Logger } from '../base/index.ts'
import { compose, type Program } from '../compose.ts'
import { loadConfig } from '../config/index.ts'
import { type Command, exitStatus, readOptions } from './command.ts'

export const start: Command = {
  help: `Options:
  --config FILE   the config file; default: config.yaml in the data folder, if there is one

Examples:
  parallax start
  SERVER_NAME=example.org HOMESERVER_DATA_DIR=/var/lib/parallax parallax start
  parallax start --config /etc/parallax.yaml

Ends on SIGTERM or SIGINT when all requests are answered; a second signal ends it at once.`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string' })
    const { config } = await loadConfig(environment, options.config)
    const logger = createPinoLogger(config.log)
    const program = await compose({
      config,
      clock: createSystemClock(),
      logger,
      onProgress: (sentence) => console.error(sentence),
    })
    try {
      await program.listen()
    } catch (error) {
      await program.close()
      throw error
    }
    await announce(program)
    collectWhenIdle()
    await untilSignal(logger)
    await program.close()
    return exitStatus.ok
  },
}

async function announce({ components }: Program): Promise<void> {
  const { domains, site, config, administration } = components
  console.log(`Parallax serves ${domains.first} at ${site.baseUrl()} (data in ${resolve(config.dataDir)}).`)
  const link = await administration.createSetupLink()
  if (link === undefined) return
  const others = config.registration.open ? 'Anyone may register.' : 'Nobody else can register.'
  console.log(
    `There is no account yet. ${others} Make the first, an admin, with this link (once, within a day):\n${link}`,
  )
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function untilSignal(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isEnding) process.exit(exitStatus.failed)
      isEnding = true
      logger.info({ signal }, 'stopping')
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
