/** Checks names: kebab-case files, no words that say nothing. */

import { specTerms } from './exceptions.ts'
import { lineAt } from './scan.ts'
import type { Finding, SourceFile, Tree } from './tree.ts'

// Nowhere in a name; and at its end, where the noun stands (a DataFolder is a folder, a RoomData is nothing).
const empty = ['Impl', 'Manager', 'Helpers?', 'Utils?', 'Common', 'Misc']
const emptyAtEnd = ['Service', 'Data', 'Info']
const bannedAnywhere = new RegExp(`(?:${empty.join('|')})(?![a-z])`)
const bannedAtEnd = new RegExp(`(?:${emptyAtEnd.join('|')})$`)
const fileName = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.generated|\.d)?\.ts$/
const declaration = /\b(?:(?:function|class|type|interface)\s+|export\s+const\s+)(\w+)/g
const prefixedInterface = /\binterface\s+I[A-Z]\w*/g

/** Findings for file names and declared names. */
export function checkNames(tree: Tree): Finding[] {
  return [...tree.values()].flatMap((file) => [...checkFileName(file), ...checkDeclarations(file)])
}

function checkFileName(file: SourceFile): Finding[] {
  const name = file.path.split('/').at(-1) as string
  const findings: Finding[] = []
  if (!fileName.test(name)) findings.push(found(file, 1, `${name} is not in kebab-case`))
  for (const part of file.path.replace(/\..*$/, '').split('/')) {
    const word = findBanned(part.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    if (word !== undefined) findings.push(found(file, 1, `the path holds the word ${word}, which says nothing`))
  }
  return findings
}

function findBanned(name: string): string | undefined {
  const pascal = name.charAt(0).toUpperCase() + name.slice(1)
  const rest = specTerms.reduce((text, term) => text.replaceAll(term, 'Term'), pascal)
  return (bannedAnywhere.exec(rest) ?? bannedAtEnd.exec(rest))?.[0]
}

function checkDeclarations(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  for (const match of file.scan.code.matchAll(declaration)) {
    const word = findBanned(match[1] as string)
    const line = lineAt(file.source, match.index)
    if (word !== undefined) findings.push(found(file, line, `${match[1]} holds the word ${word}, which says nothing`))
  }
  for (const match of file.scan.code.matchAll(prefixedInterface)) {
    findings.push(found(file, lineAt(file.source, match.index), 'an interface has no I before its name'))
  }
  return findings
}

function found(file: SourceFile, line: number, message: string): Finding {
  return { check: 'names', path: file.path, line, message }
}
