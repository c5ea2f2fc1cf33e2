/** The configuration as people read it: effective values with their sources, and a commented file to begin with. */

import type { Effective } from './load-config.ts'
import { settings } from './settings.ts'

/** Lines `path = value   (source)`; secrets are not shown. */
export function explainConfig(effective: readonly Effective[]): string {
  const lines = effective.map(({ setting, value, source }) => {
    const shown = value === undefined ? '(not set)' : setting.isSecret ? '(secret)' : JSON.stringify(value)
    return { left: `${setting.path} = ${shown}`, source }
  })
  const width = Math.min(60, Math.max(...lines.map(({ left }) => left.length)))
  return lines.map(({ left, source }) => `${left.padEnd(width)}  from ${source}`).join('\n')
}

/** The effective values for programs. */
export function explainConfigAsJson(effective: readonly Effective[]): object[] {
  return effective.map(({ setting, value, source }) => ({
    path: setting.path,
    value: setting.isSecret && value !== undefined ? '(secret)' : (value ?? null),
    source,
    variable: setting.variable ?? null,
    description: setting.description,
  }))
}

/** A config file with every setting, its meaning and its default, all commented out but the server's name. */
export function buildSampleConfig(serverName: string): string {
  const lines = ['# Parallax. Lines that begin with # are comments and show the defaults.', '']
  let section: readonly string[] = []
  for (const { path, description, variable, fallback } of settings) {
    const names = path.split('.')
    const name = names.pop()!
    for (let depth = 0; depth < names.length; depth += 1) {
      if (section[depth] !== names[depth]) lines.push('', `${'  '.repeat(depth)}# ${names[depth]}:`)
    }
    section = names
    const indent = '  '.repeat(names.length)
    lines.push(`${indent}# ${description}${variable === undefined ? '' : ` (variable ${variable})`}`)
    if (path === 'serverName') lines.push(`serverName: ${JSON.stringify(serverName)}`, '')
    else lines.push(`${indent}# ${name}: ${fallback === undefined ? '' : JSON.stringify(fallback)}`.trimEnd())
  }
  return `${lines.join('\n')}\n`
}
