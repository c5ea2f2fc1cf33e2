/** `parallax config check`, `config show`, `generate-config`: nothing is started or made. */

import { buildSampleConfig, explainConfig, explainConfigAsJson, loadConfig } from '../config/index.ts'
import { type Command, exitStatus, readOptions } from './command.ts'

export const configCheck: Command = {
  help: `Options:
  --config FILE   the config file

Exit status: 0 if the configuration can be used, 3 if not.

Example:
  parallax config check --config /etc/parallax.yaml`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string' })
    const { file, config } = await loadConfig(environment, options.config)
    console.log(`The configuration is fine (${file ?? 'no config file; defaults and environment variables'}).`)
    if (config.serverName === undefined) console.log('No server name is set: the one of the data folder counts.')
    return exitStatus.ok
  },
}

export const configShow: Command = {
  help: `Options:
  --config FILE   the config file
  --json          for programs

Example:
  parallax config show | grep -v 'from default'`,
  async run(words, environment) {
    const { options } = readOptions(words, { config: 'string', json: 'boolean' })
    const { effective } = await loadConfig(environment, options.config)
    console.log(options.json ? JSON.stringify(explainConfigAsJson(effective), null, 2) : explainConfig(effective))
    return exitStatus.ok
  },
}

export const generateConfig: Command = {
  help: `Options:
  --server-name NAME   default: example.org

Example:
  parallax generate-config --server-name example.org > data/config.yaml`,
  async run(words) {
    const { options } = readOptions(words, { 'server-name': 'string' })
    console.log(buildSampleConfig(options['server-name'] ?? 'example.org').trimEnd())
    return exitStatus.ok
  },
}
