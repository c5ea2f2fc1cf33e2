/** What rooms ask of the lenses through which users look. */

/** `action`: `annotate` and `blur` leave the content; from `hide` on it is replaced. */
export type Veil = { readonly action: string; readonly explanationId: string }

/** By event number, those that are not simply shown. */
export type Veils = ReadonlyMap<number, Veil>

export type SeenEvent = { readonly eventId: string; readonly sender: string; readonly roomId: string }

export type Look = {
  /** Whether anything may be said of single events: if not, all that one user says in a room looks alike. */
  readonly namesEvents: boolean
  /** Undefined: it is simply shown. */
  readonly judge: (seen: SeenEvent) => Promise<Veil | undefined>
}

export type ListedThing = { readonly kind: 'room' | 'space' | 'user' | 'server'; readonly id: string }

export type Lenses = {
  /** Answers from memory, for most that there is none. */
  readonly hasLens: (user: number) => Promise<boolean>
  readonly judgeOne: (user: number, seen: Pick<SeenEvent, 'sender'>) => Promise<Veil | undefined>
  /** Throws M_SAFETY for whom, or where, the server's own lens refuses. */
  readonly requireSafe: (seen: Pick<SeenEvent, 'sender'> & { readonly roomId?: string }) => Promise<void>
  /** Throws M_SAFETY for whom the room's own lens refuses. */
  readonly requireSafeInRoom: (
    room: number,
    seen: Pick<SeenEvent, 'sender'> & { readonly roomId: string },
  ) => Promise<void>
  /** Whether the server's lens, or a reader's own, keeps one of these back where rooms are listed. */
  readonly isKeptBack: (things: readonly ListedThing[], reader?: number) => Promise<boolean>
  /** Answers from memory, for most that there is none: undefined. */
  readonly openLook: (user: number) => Promise<Look | undefined>
  /** Through the room's own lens. */
  readonly openRoomLook: (room: number) => Promise<Look | undefined>
}
