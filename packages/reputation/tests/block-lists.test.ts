/** Block lists of other networks: what they say, and that no text, however made, does harm. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { blockListFormats, exchangeLimits, parseBlockList, ReputationError } from '../src/index.ts'

const namesOf = (list: ReturnType<typeof parseBlockList>) =>
  list.opinions.map((said) => ['entity' in said ? said.entity : said.pattern, said.opinion])

test('a block list of Mastodon: suspended, silenced, and what it only notes', () => {
  const text = [
    '\uFEFF#domain,#severity,#reject_media,#public_comment',
    'Evil.example,suspend,true,"spam, ""much"" of it',
    'over two lines"',
    'loud.example,silence,false,',
    'noted.example,noop,false,',
    'ex*mple.org,suspend,true,hidden',
    'odd.example,explode,true,',
    '',
  ].join('\r\n')
  const list = parseBlockList('mastodon-csv', text, 'm.tos')
  assert.deepEqual(namesOf(list), [
    ['evil.example', -100],
    ['loud.example', -50],
  ])
  assert.deepEqual(
    list.refused.map(({ line, kind }) => [line, kind]),
    [
      [6, 'bad-entity'],
      [7, 'bad-statement'],
    ],
  )
  assert.equal(list.opinions[0]!.kind, 'server')
})

test('a hosts file: addresses with names, names alone, comments, and what it says of itself', () => {
  const text =
    '# list\n127.0.0.1 localhost\n0.0.0.0 bad.example worse.example # both\n:: six.example\nplain.example\n<p> no\n'
  const list = parseBlockList('hosts', text, 'x.malware')
  assert.deepEqual(
    namesOf(list).map(([name]) => name),
    ['bad.example', 'worse.example', 'six.example', 'plain.example'],
  )
  assert.deepEqual(
    list.refused.map(({ line }) => line),
    [6],
  )
})

test('a response policy zone: names, patterns, exceptions; no addresses', () => {
  const text = `$TTL 60
$ORIGIN rpz.example.
@ IN SOA localhost. root.localhost. (
  1 ; serial
  2 3 4 5 )
  IN NS localhost.
bad.example CNAME .
*.bad.example.rpz.example. 60 IN CNAME .
fine.example CNAME rpz-passthru.
32.1.2.0.192.rpz-ip CNAME .
a.example A 192.0.2.1
`
  const list = parseBlockList('rpz', text, 'x.malware')
  assert.deepEqual(namesOf(list), [
    ['bad.example', -100],
    ['*.bad.example', -100],
    ['fine.example', 100],
  ])
  assert.equal(list.refusedCount, 2)
})

test('the last line on a name counts, and a list that is none is refused', () => {
  const twice = parseBlockList('mastodon-csv', 'domain,severity\na.example,suspend\nA.example,noop\n', 'm.tos')
  assert.deepEqual(twice.opinions, [])
  const refused = [
    ['mastodon-csv', 'name\na.example', 'm.tos', 'bad-feed'],
    ['mastodon-csv', 'domain\n"a.example', 'm.tos', 'bad-feed'],
    ['mastodon-csv', `domain\n${'a'.repeat(exchangeLimits.cellCharactersMax + 1)}`, 'm.tos', 'too-large'],
    ['hosts', '<html lang="en">', 'm.tos', 'bad-feed'],
    ['hosts', 'a.example', 'severe', 'bad-context'],
    ['hosts', ' '.repeat(exchangeLimits.charactersMax + 1), 'm.tos', 'too-large'],
  ] as const
  for (const [format, text, context, kind] of refused) {
    const isRight = (error: unknown) => error instanceof ReputationError && error.kind === kind
    assert.throws(() => parseBlockList(format, text, context), isRight, `${format} ${text.slice(0, 20)}`)
  }
})

test('one name more than a list may have is refused', () => {
  const lines = Array.from({ length: exchangeLimits.opinionsMax + 1 }, (_, at) => `h${at}.example`)
  assert.equal(parseBlockList('hosts', lines.slice(1).join('\n'), 'm.tos').opinions.length, exchangeLimits.opinionsMax)
  assert.throws(() => parseBlockList('hosts', lines.join('\n'), 'm.tos'), ReputationError)
})

test('any text is read or refused, and nothing else happens', () => {
  const piece = fc.constantFrom(
    'a.example',
    '"',
    '""',
    ',',
    '\n',
    '\r',
    'domain',
    '#',
    ';',
    '(',
    ')',
    'CNAME',
    '.',
    '*.',
    ' ',
  )
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...blockListFormats),
      fc.tuple(fc.constantFrom('', 'domain,severity\n'), text),
      (format, [head, rest]) => {
        try {
          const { opinions } = parseBlockList(format, head + rest, 'm.tos')
          for (const { opinion, confidence } of opinions) assert.ok(Math.abs(opinion) <= 100 && confidence > 0)
        } catch (error) {
          assert.ok(error instanceof ReputationError, String(error))
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('texts made to cost much are read in linear time, and refused', () => {
  for (const piece of [',', '"",', '#', ';', ':', '.', '(', '*', '\r', '#\r', '"a"b,', 'a ', '\n']) {
    const hostile = piece.repeat(Math.floor(900_000 / piece.length))
    for (const format of blockListFormats) {
      for (const text of [`domain\n${hostile}x`, `${hostile}\rx y`]) {
        try {
          parseBlockList(format, text, 'm.tos')
        } catch (error) {
          assert.ok(error instanceof ReputationError, String(error))
        }
      }
    }
  }
})
