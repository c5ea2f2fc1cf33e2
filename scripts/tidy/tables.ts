/** Checks that a table is named only in SQL inside the folder that owns it. */

import { type Finding, folderOf, isTest, type SourceFile, type Tree } from './tree.ts'

const migrationFile = /^server\/src\/store\/migrations\/\d{4}-[a-z-]+\.ts$/
const sql = /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|FROM)\b/
const namedTable = /\b(?:FROM|JOIN|INTO|UPDATE|TABLE|EXISTS)\s+(?:ONLY\s+)?([a-z_][a-z0-9_]*)/g
const created = /(?:--\s*owner:\s*([\w-]+)\s*\n\s*)?CREATE TABLE (?:IF NOT EXISTS )?([a-z_][a-z0-9_]*)/g
const dropped = /\bDROP TABLE (?:IF EXISTS )?([a-z_][a-z0-9_]*)/g

export type TableOwners = ReadonlyMap<string, string>

/** Owner of each table, read from the `-- owner: folder` line before its CREATE TABLE. Key: table. */
export function readOwners(tree: Tree): TableOwners {
  const owners = new Map<string, string>()
  for (const { table, owner } of readTables(tree)) if (owner !== undefined) owners.set(table, owner)
  return owners
}

/** Tables that a migration removed. */
function readDropped(tree: Tree): string[] {
  const migrations = [...tree.values()].filter((file) => migrationFile.test(file.path))
  const texts = migrations.flatMap((file) => file.scan.literals.map(({ text }) => text))
  return texts.flatMap((text) => [...text.matchAll(dropped)].map((match) => match[1] as string))
}

function readTables(tree: Tree): { table: string; owner: string | undefined; file: SourceFile }[] {
  const migrations = [...tree.values()].filter((file) => migrationFile.test(file.path))
  return migrations.flatMap((file) =>
    file.scan.literals.flatMap(({ text }) =>
      [...text.matchAll(created)].map((match) => ({ table: match[2] as string, owner: match[1], file })),
    ),
  )
}

/** Tables that the SQL of a file names, with the line of the literal. */
export function namedTables(file: SourceFile): { table: string; line: number }[] {
  const literals = file.scan.literals.filter(({ text }) => sql.test(text))
  return literals.flatMap(({ text, line }) =>
    [...text.matchAll(namedTable)].map((match) => ({ table: match[1] as string, line })),
  )
}

/** Findings for tables without an owner, named outside their owner's folder, or named nowhere. */
export function checkTables(tree: Tree, folders: readonly string[]): Finding[] {
  const owners = readOwners(tree)
  const unused = new Set(owners.keys())
  const findings: Finding[] = []
  for (const { table, owner, file } of readTables(tree)) {
    if (owner === undefined)
      findings.push(found(file, 1, `the table ${table} has no "-- owner: folder" line before it`))
    else if (!folders.includes(owner)) findings.push(found(file, 1, `${table}: there is no folder ${owner}`))
  }
  for (const file of tree.values()) {
    const folder = folderOf(file.path)
    if (folder === undefined || migrationFile.test(file.path) || isTest(file.path)) continue
    for (const { table, line } of namedTables(file)) {
      const owner = owners.get(table)
      if (owner === undefined) continue
      unused.delete(table)
      if (owner !== folder) findings.push(found(file, line, `names the table ${table}, which belongs to ${owner}`))
    }
  }
  for (const table of readDropped(tree)) unused.delete(table)
  for (const table of unused) findings.push({ ...nowhere, message: `no SQL names the table ${table}` })
  return findings
}

const nowhere = { check: 'tables', path: 'server/src/store/migrations', line: 1 }

function found(file: SourceFile, line: number, message: string): Finding {
  return { check: 'tables', path: file.path, line, message }
}
