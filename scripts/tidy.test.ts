/** Each check of tidy on a small made-up tree: what it finds, and what it lets pass. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCycles } from './tidy/cycles.ts'
import { checkDoors } from './tidy/doors.ts'
import { checkEndpoints } from './tidy/endpoints.ts'
import { checkHeaders } from './tidy/headers.ts'
import { checkLayers, checkPackages } from './tidy/layers.ts'
import { checkNames } from './tidy/names.ts'
import { findFunctions, scan } from './tidy/scan.ts'
import { checkSizes } from './tidy/sizes.ts'
import { checkTables } from './tidy/tables.ts'
import { type Finding, treeOf } from './tidy/tree.ts'
import { checkWiring } from './tidy/wiring.ts'

const layers = ['base', 'store', 'rooms', { siblings: ['sync', 'push'] }, 'api', 'compose']

function messages(findings: Finding[]): string[] {
  return findings.map(({ path, line, message }) => `${path}:${line} ${message}`)
}

test('the scanner sees imports of every form and none in comments or strings', () => {
  const source = [
    "import { a } from './a.ts'",
    "import type { B } from './b.ts'",
    "export * from './c.ts'",
    "import './d.ts'",
    "const e = await import('./e.ts')",
    "// import { x } from './no.ts'",
    'const text = "import { x } from \'./no.ts\'"',
    "import {\n  f,\n} from './f.ts'",
  ].join('\n')
  const seen = scan(source).imports.map(({ specifier }) => specifier)
  assert.deepEqual(seen, ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
})

test('the scanner is not misled by regexes, divisions and nested templates', () => {
  const source = 'const a = /[/\'"`]/g.test(b) ? c / d : `x ${`y ${"}"}`} z` // `\nimport e from "./e.ts"'
  const { code, imports, literals } = scan(source)
  assert.equal(code.length, source.length)
  assert.deepEqual(
    imports.map(({ specifier }) => specifier),
    ['./e.ts'],
  )
  assert.deepEqual(
    literals.map(({ text }) => text),
    ['}', 'y ?', 'x ? z', './e.ts'],
  )
})

test('the scanner measures functions, methods and arrows', () => {
  const source = [
    'export function one(a: { b: string }): Promise<{ c: number }> {',
    '  return two(a)',
    '}',
    'const two = async (): Promise<void> => {',
    '  three()',
    '}',
    'class Four {',
    '  five(): { six: string } {',
    '    if (x) {',
    '    }',
    '  }',
    '}',
  ].join('\n')
  const found = findFunctions(scan(source).code).map(({ name, line, lines }) => [name, line, lines])
  assert.deepEqual(found, [
    ['one', 1, 3],
    ['two', 4, 3],
    ['five', 8, 4],
  ])
})

test('layers: refuses imports upwards and between siblings, accepts imports downwards', () => {
  const tree = treeOf({
    'server/src/base/index.ts': "import { rooms } from '../rooms/index.ts'",
    'server/src/rooms/index.ts': "import { base } from '../base/index.ts'",
    'server/src/sync/index.ts': "import { push } from '../push/index.ts'",
    'server/src/push/index.ts': '',
    'server/src/elsewhere/index.ts': '',
  })
  assert.deepEqual(messages(checkLayers(tree, layers)), [
    'server/src/base/index.ts:1 base may not import from rooms, which is not below it',
    'server/src/sync/index.ts:1 sync may not import from push, which is not below it',
    'server/src/elsewhere/index.ts:1 the folder elsewhere is in no layer of server/src/layers.ts',
  ])
})

test('layers: another folder is entered by its index only, and imports must exist', () => {
  const tree = treeOf({
    'server/src/base/clock.ts': '',
    'server/src/rooms/send.ts': "import { clock } from '../base/clock.ts'\nimport { own } from './own.ts'",
  })
  assert.deepEqual(messages(checkLayers(tree, layers)), [
    'server/src/rooms/send.ts:1 imports server/src/base/clock.ts; only the index.ts of another folder may be imported',
    'server/src/rooms/send.ts:2 imports ./own.ts, which is not there',
  ])
})

test('packages: only hashing and signing may look outside', () => {
  const tree = treeOf({
    'packages/protocol/src/signing/hash.ts': "import { hash } from 'node:crypto'",
    'packages/protocol/src/ids.ts': "import { hash } from 'node:crypto'\nimport { a } from './a.ts'",
    'packages/protocol/src/ids.test.ts': "import { test } from 'node:test'",
  })
  assert.deepEqual(messages(checkPackages(tree)), [
    "packages/protocol/src/ids.ts:1 a package is pure, but this imports Node's node:crypto",
  ])
})

test('cycles: finds a circle through types', () => {
  const tree = treeOf({
    'server/src/a.ts': "import { b } from './b.ts'",
    'server/src/b.ts': "import type { C } from './c.ts'",
    'server/src/c.ts': "export { a } from './a.ts'",
    'server/src/d.ts': "import { a } from './a.ts'",
  })
  assert.deepEqual(messages(checkCycles(tree)), [
    'server/src/a.ts:1 import cycle: server/src/a.ts → server/src/b.ts → server/src/c.ts → server/src/a.ts',
  ])
})

test('sizes: files, functions and lines are accepted at the limit and refused one past it', () => {
  const body = (lines: number) => `function f() {\n${'\n'.repeat(lines - 2)}}`
  const tree = treeOf({
    'scripts/a.ts': body(70),
    'scripts/b.ts': body(71),
    'scripts/c.ts': `// ${'x'.repeat(117)}\n// ${'x'.repeat(118)}`,
    'scripts/d.test.ts': `//${'\n//'.repeat(399)}`,
    'scripts/e.test.ts': `//${'\n//'.repeat(400)}`,
  })
  assert.deepEqual(messages(checkSizes(tree)), [
    'scripts/b.ts:1 f has 71 lines; the limit is 70',
    'scripts/c.ts:2 121 characters; the limit is 120',
    'scripts/e.test.ts:1 401 lines; the limit is 400',
  ])
})

test('sizes: five files in a hundred may be long, no more', () => {
  const trees = [5, 6].map((long) =>
    treeOf(
      Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => [`scripts/f${i}.ts`, `//${'\n//'.repeat(i < long ? 299 : 9)}`]),
      ),
    ),
  )
  assert.deepEqual(
    trees.map((tree) => checkSizes(tree).length),
    [0, 1],
  )
})

const migration =
  'const sql = `\n-- owner: rooms\nCREATE TABLE event (id INTEGER);\nCREATE TABLE stray (id INTEGER);\n`'

test('tables: only the owner names a table, and each has an owner and a reader', () => {
  const tree = treeOf({
    'server/src/store/migrations/0001-first.ts': migration,
    'server/src/rooms/event-table.ts': 'await tx.run`INSERT INTO event (id) VALUES (${id})`',
    'server/src/sync/sync.ts': "// FROM event\nconst sql = 'SELECT id FROM event'\nconst prose = 'comes from event'",
  })
  assert.deepEqual(messages(checkTables(tree, ['rooms'])), [
    'server/src/store/migrations/0001-first.ts:1 the table stray has no "-- owner: folder" line before it',
    'server/src/sync/sync.ts:2 names the table event, which belongs to rooms',
  ])
  tree instanceof Map && tree.delete('server/src/rooms/event-table.ts')
  tree instanceof Map && tree.delete('server/src/sync/sync.ts')
  assert.match(messages(checkTables(tree, ['rooms'])).join(), /no SQL names the table event/)
  const ended = treeOf({
    'server/src/store/migrations/0001-first.ts': 'const sql = `\n-- owner: rooms\nCREATE TABLE event (id INTEGER);\n`',
    'server/src/store/migrations/0002-second.ts': 'const sql = `\nDROP TABLE event;\n`',
  })
  assert.deepEqual(messages(checkTables(ended, ['rooms'])), [])
})

test('names: refuses empty words, accepts the terms of the specification', () => {
  const tree = treeOf({
    'server/src/users/account-data.ts': 'export function putAccountData() {}\nexport const dataFolder = 1',
    'server/src/users/user-helper.ts': 'interface IUser {}\nclass UserManager {}\nexport type RoomInfo = {}',
    'server/src/users/bigName.ts': 'const common = 1',
  })
  assert.deepEqual(messages(checkNames(tree)), [
    'server/src/users/user-helper.ts:1 the path holds the word Helper, which says nothing',
    'server/src/users/user-helper.ts:2 UserManager holds the word Manager, which says nothing',
    'server/src/users/user-helper.ts:3 RoomInfo holds the word Info, which says nothing',
    'server/src/users/user-helper.ts:1 an interface has no I before its name',
    'server/src/users/bigName.ts:1 bigName.ts is not in kebab-case',
  ])
})

test('wiring: only compose.ts constructs components of other folders', () => {
  const use = "import { createRooms, type Rooms } from './rooms/index.ts'\ncreateRooms(deps)"
  const tree = treeOf({
    'server/src/rooms/index.ts': '',
    'server/src/base/index.ts': '',
    'server/src/compose.ts': use,
    'server/src/api/a.ts': use.replace('./', '../'),
    'server/src/api/b.ts': "import { createClock } from '../base/index.ts'\ncreateClock()",
    'server/src/api/c.ts': "import { createRooms } from './own.ts'\ncreateRooms()",
    'server/src/api/own.ts': '',
  })
  assert.deepEqual(messages(checkWiring(tree)), [
    'server/src/api/a.ts:2 constructs a component of rooms (createRooms); only compose.ts does',
  ])
})

test('doors: what an index offers is used outside its folder', () => {
  const tree = treeOf({
    'server/src/rooms/index.ts':
      "export { createRooms, type Rooms } from './rooms.ts'\nexport { a as b } from './a.ts'",
    'server/src/rooms/rooms.ts': 'b()',
    'server/src/compose.ts': "const r = await import('./rooms/index.ts')\nr.createRooms()",
  })
  assert.deepEqual(messages(checkDoors(tree)), [
    'server/src/rooms/index.ts:2 exports b, which nobody outside rooms uses',
  ])
})

test('endpoints: each is listed in an index and names the specification', () => {
  const declare = (fields: string) => `export const sync = endpoint({ method: 'GET', ${fields} }, () => ({}))`
  const tree = treeOf({
    'server/src/api/index.ts': "import { client } from './client/index.ts'",
    'server/src/api/client/index.ts': "import { sync } from './sync/sync.ts'\nimport { b } from './sync/b.ts'",
    'server/src/api/client/sync/sync.ts': declare("path: '/sync', spec: 'client-server#get_sync'"),
    'server/src/api/client/sync/b.ts': declare("path: '/b'"),
    'server/src/api/client/sync/c.ts': declare("path: '/c', spec: 'client-server#get_c'"),
  })
  assert.deepEqual(messages(checkEndpoints(tree)), [
    'server/src/api/client/sync/b.ts:1 the declaration names no spec anchor',
    'server/src/api/client/sync/c.ts:1 no index of the api lists this endpoint',
  ])
})

test('headers: a file begins with a short comment', () => {
  const tree = treeOf({
    'scripts/a.ts': '/** Says it. */\n',
    'scripts/b.ts': '#!/usr/bin/env node\n/** Says it. */\n',
    'scripts/c.ts': 'const a = 1\n',
    'scripts/d.ts': `/**\n${' * more\n'.repeat(6)} */\n`,
  })
  assert.deepEqual(messages(checkHeaders(tree)), [
    'scripts/c.ts:1 no comment at the top says what this file is for',
    'scripts/d.ts:1 a header has at most 7 lines',
  ])
})
