/** Account data, global and of rooms, with tags and ignored users. Spec: client-server-api#client-config. */

import { isJsonObject, isUserIdText, type JsonObject, type JsonValue, type UserId } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { countTypes, findContent, listContents, upsertContent } from './account-data-table.ts'
import { countGlobs, type InviteRules, inviteRulesType, parseInviteRules, unstableRulesType } from './invite-rules.ts'
import { userLimits } from './limits.ts'
import type { PushRuleParts } from './push-rules.ts'
import type { UserContext } from './user-context.ts'
import type { AccountData } from './users.ts'

export type AccountDataParts = AccountData & {
  /** All of the user's went with the account. */
  forget(user: number): void
}

const pushRulesType = 'm.push_rules'
const ignoredType = 'm.ignored_user_list'
const inviteTypes: ReadonlySet<string> = new Set([inviteRulesType, unstableRulesType])
const managedTypes: ReadonlySet<string> = new Set([pushRulesType, 'm.fully_read'])

type Rules = Pick<PushRuleParts, 'findRuleset' | 'lastPosition'>

export function createAccountData(context: UserContext, rules: Rules): AccountDataParts {
  const { store, turns } = context
  const memory = createMemory(context)
  const write = writeWith(context, memory)
  const put = (user: number, room: number | null, type: string, text: string) => async () => {
    await checkNew(context, user, room, type, text)
    await store.transact((tx) => write(tx, user, room, type, text))
  }
  return {
    ...createLists(context, rules),
    async findAccountData(user, room, type) {
      if (type === pushRulesType && room === null) return pushRulesText(await rules.findRuleset(user))
      return findContent(store.reader, user, room ?? 0, type)
    },
    async putAccountData(user, room, type, content) {
      if (managedTypes.has(type)) {
        throw new MatrixError('M_BAD_JSON', `${type} is not set as account data: it has its own endpoint.`, {}, 405)
      }
      if (inviteTypes.has(type)) checkInviteRules(content)
      await turns.run(user, put(user, room, type, JSON.stringify(content)))
    },
    writeAccountData: write,
    listIgnored: memory.listIgnored,
    findInviteRules: memory.findInviteRules,
    setTag: (user, room, tag, value) =>
      turns.run(user, async () => {
        const tags = parseTags(await findContent(store.reader, user, room, 'm.tag'))
        if (value === undefined) tags.delete(tag)
        else tags.set(tag, value)
        await put(user, room, 'm.tag', JSON.stringify({ tags: Object.fromEntries(tags) }))()
      }),
    forget: memory.forget,
  }
}

function writeWith(
  { journal }: UserContext,
  memory: Pick<Memory, 'noteWritten'>,
): AccountDataParts['writeAccountData'] {
  return (tx, user, room, type, content) => {
    const position = journal.append(tx, { kind: 'account-data', user, room })
    upsertContent(tx, { user, room: room ?? 0, type, content, position })
    tx.onCommitted(() => memory.noteWritten(user, type))
    return position
  }
}

function createLists(
  { store }: UserContext,
  rules: Rules,
): Pick<AccountData, 'listAccountData' | 'listRoomAccountData'> {
  return {
    async listAccountData(user, after, upTo) {
      const rows = (await listContents(store.reader, user, after, upTo)).filter(({ room }) => room === 0)
      const position = await rules.lastPosition(user)
      if (after > 0 && (position <= after || position > upTo)) return rows
      return [{ type: pushRulesType, content: pushRulesText(await rules.findRuleset(user)), position }, ...rows]
    },
    async listRoomAccountData(user, after, upTo) {
      const rows = (await listContents(store.reader, user, after, upTo)).filter(({ room }) => room !== 0)
      return Map.groupBy(rows, ({ room }) => room)
    },
  }
}

type Memory = Pick<AccountDataParts, 'listIgnored' | 'findInviteRules' | 'forget'> & {
  noteWritten(user: number, type: string): void
}

type Wishes = { readonly ignored: ReadonlySet<UserId>; readonly inviteRules: InviteRules }

/** What every sync asks for, kept until it changes. */
function createMemory({ store }: UserContext): Memory {
  const wishes = new Lru<number, Wishes>(userLimits.wishesCachedMax)
  let changes = 0

  async function load(user: number): Promise<Wishes> {
    const known = wishes.get(user)
    if (known !== undefined) return known
    const before = changes
    const found = {
      ignored: parseIgnored(await findContent(store.reader, user, 0, ignoredType)),
      inviteRules: parseInviteRules(
        parseContent(await findContent(store.reader, user, 0, inviteRulesType)),
        parseContent(await findContent(store.reader, user, 0, unstableRulesType)),
      ),
    }
    if (changes === before) wishes.set(user, found, found.ignored.size + 1)
    return found
  }

  function forget(user: number): void {
    changes += 1
    wishes.delete(user)
  }

  return {
    listIgnored: async (user) => (wishes.get(user) ?? (await load(user))).ignored,
    findInviteRules: async (user) => (wishes.get(user) ?? (await load(user))).inviteRules,
    noteWritten(user, type) {
      if (type === ignoredType || inviteTypes.has(type)) forget(user)
    },
    forget,
  }
}

async function checkNew(context: UserContext, user: number, room: number | null, type: string, text: string) {
  const { accountDataBytesMax, accountDataTypeBytesMax, accountDataTypesMax } = userLimits
  if (Buffer.byteLength(text) > accountDataBytesMax) {
    throw new MatrixError('M_TOO_LARGE', `Account data of one type has at most ${accountDataBytesMax} bytes.`)
  }
  if (type === '' || Buffer.byteLength(type) > accountDataTypeBytesMax) {
    throw new MatrixError('M_INVALID_PARAM', `A type has 1 to ${accountDataTypeBytesMax} bytes.`)
  }
  const { reader } = context.store
  if ((await findContent(reader, user, room ?? 0, type)) !== undefined) return
  if ((await countTypes(reader, user, room ?? 0)) < accountDataTypesMax) return
  throw new MatrixError('M_TOO_LARGE', `There are at most ${accountDataTypesMax} types of account data.`)
}

function pushRulesText(ruleset: object): string {
  return `{"global":${JSON.stringify(ruleset)}}`
}

function parseIgnored(text: string | undefined): ReadonlySet<UserId> {
  const content: unknown = text === undefined ? {} : JSON.parse(text)
  const users = isJsonObject(content) && isJsonObject(content.ignored_users) ? content.ignored_users : {}
  return new Set(Object.keys(users).filter(isUserIdText))
}

function parseContent(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : JSON.parse(text)
}

function checkInviteRules(content: JsonObject): void {
  if (countGlobs(content) <= userLimits.inviteGlobsMax) return
  throw new MatrixError('M_TOO_LARGE', `At most ${userLimits.inviteGlobsMax} patterns with * or ? are taken.`)
}

function parseTags(text: string | undefined): Map<string, unknown> {
  const content: unknown = text === undefined ? {} : JSON.parse(text)
  return new Map(Object.entries(isJsonObject(content) && isJsonObject(content.tags) ? content.tags : {}))
}
