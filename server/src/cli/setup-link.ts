/** `parallax setup-link`: the link of the first start once more. */

import { administer } from './administer.ts'
import { type Command, exitStatus, readOptions } from './command.ts'

export const setupLink: Command = {
  help: `Prints a new link to make the first account, an admin; the earlier one stops working.

Options:
  --config FILE   the config file

Example:
  parallax setup-link`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string' })
    const link = await administer(environment, options.config, { operation: 'setup-link' })
    if (link === undefined) {
      console.error('There are accounts already; parallax account create NAME --admin makes another admin.')
      return exitStatus.failed
    }
    console.log(link)
    return exitStatus.ok
  },
}
