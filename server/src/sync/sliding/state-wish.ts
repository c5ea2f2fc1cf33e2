/** Which state of a room a client wants, from one rule or several. Spec: msc4186#requiredstaterequest. */

/** One element: fields that are absent match everything. `stateKey` `$ME` stands for the caller. */
export type StateMatch = { readonly type?: string; readonly stateKey?: string }

/** What one rule asks for. */
export type StateWish = {
  readonly include: readonly StateMatch[]
  readonly exclude: readonly StateMatch[]
  /** Member events of those who are in the timeline, and those that change. */
  readonly lazyMembers: boolean
}

/** How one rule, or several together, want a room told. */
export type RoomConfig = { readonly timelineLimit: number; readonly wishes: readonly StateWish[] }

export type KeyTest = (type: string, stateKey: string) => boolean

/** The superset of several. */
export function combineConfigs(configs: readonly RoomConfig[]): RoomConfig {
  if (configs.length === 1) return configs[0]!
  const wishes = new Map<string, StateWish>()
  for (const config of configs) for (const wish of config.wishes) wishes.set(wishText(wish), wish)
  return { timelineLimit: Math.max(...configs.map((config) => config.timelineLimit)), wishes: [...wishes.values()] }
}

/** The same text for the same wishes, in whatever order the rules came. */
export function wishesText(wishes: readonly StateWish[]): string {
  return `[${[...new Set(wishes.map(wishText))].sort().join(',')}]`
}

function wishText({ include, exclude, lazyMembers }: StateWish): string {
  return JSON.stringify({ include: matchTexts(include), exclude: matchTexts(exclude), lazyMembers })
}

function matchTexts(matches: readonly StateMatch[]): StateMatch[] {
  const texts = matches.map(({ type, stateKey }) =>
    JSON.stringify({ ...(type === undefined ? {} : { type }), ...(stateKey === undefined ? {} : { stateKey }) }),
  )
  return [...new Set(texts)].sort().map((text) => JSON.parse(text))
}

/** Reads what `wishesText` wrote. */
export function readWishes(text: string): StateWish[] {
  return JSON.parse(text)
}

export function hasLazyMembers(wishes: readonly StateWish[]): boolean {
  return wishes.some((wish) => wish.lazyMembers)
}

/** A test of the keys that the wishes want, but for members that come lazily. */
export function compileWishes(wishes: readonly StateWish[], me: string): KeyTest {
  const tests = wishes.map((wish) => compileWish(wish, me))
  return (type, stateKey) => tests.some((test) => test(type, stateKey))
}

function compileWish({ include, exclude, lazyMembers }: StateWish, me: string): KeyTest {
  const wanted = compileMatches(include, me)
  const unwanted = compileMatches(exclude, me)
  return (type, stateKey) => {
    // Where members come lazily, what matches everything does not mean them.
    const isNamed = !lazyMembers || type !== 'm.room.member'
    return wanted(type, stateKey, isNamed) && !unwanted(type, stateKey, true)
  }
}

function compileMatches(matches: readonly StateMatch[], me: string) {
  const exact = new Set<string>()
  const wild: StateMatch[] = []
  for (const { type, stateKey } of matches) {
    const key = stateKey === '$ME' ? me : stateKey
    if (type !== undefined && key !== undefined) exact.add(`${type}\0${key}`)
    else wild.push({ ...(type === undefined ? {} : { type }), ...(key === undefined ? {} : { stateKey: key }) })
  }
  return (type: string, stateKey: string, mayBeAny: boolean) =>
    exact.has(`${type}\0${stateKey}`) ||
    wild.some(
      (match) =>
        (match.type === undefined || match.type === type) &&
        (match.stateKey === undefined || match.stateKey === stateKey) &&
        (mayBeAny || match.type !== undefined || match.stateKey !== undefined),
    )
}

/** The keys that the wishes name; undefined: some of them match whole types, or everything. */
export function listNamedKeys(
  wishes: readonly StateWish[],
  me: string,
): [type: string, stateKey: string][] | undefined {
  const keys: [string, string][] = []
  for (const { include } of wishes) {
    for (const { type, stateKey } of include) {
      if (type === undefined || stateKey === undefined) return undefined
      keys.push([type, stateKey === '$ME' ? me : stateKey])
    }
  }
  return keys
}
