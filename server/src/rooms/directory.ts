/** Aliases and the public directory: what leads to rooms. Spec: client-server-api#room-aliases. */

import type { RoomAlias } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { type Store, StoreError, type Writer } from '../store/index.ts'
import { type AliasRow, findAlias, insertAlias, listAliases, removeAlias } from './alias-table.ts'
import { findPublic, listPublic, updatePublic } from './room-table.ts'

export interface Directory {
  findAlias(alias: RoomAlias): Promise<AliasRow | undefined>
  listAliases(room: number): Promise<RoomAlias[]>
  /** Throws MatrixError M_UNKNOWN (status 409) if the alias is taken. */
  addAlias(alias: RoomAlias, room: number, creator: number): Promise<void>
  removeAlias(alias: RoomAlias): Promise<void>
  isPublic(room: number): Promise<boolean>
  setPublic(room: number, isPublic: boolean): Promise<void>
  /** Rooms of the directory, most joined users first. */
  listPublicRooms(): Promise<{ room: number; joinedCount: number }[]>
}

export function createDirectory(store: Store): Directory {
  const { reader } = store
  const write = (build: (tx: Writer) => void) => store.transact(build)
  return {
    findAlias: (alias) => findAlias(reader, alias),
    listAliases: (room) => listAliases(reader, room),
    async addAlias(alias, room, creator) {
      try {
        await write((tx) => insertAlias(tx, { alias, room, creator }))
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'unique')) throw error
        throw new MatrixError('M_UNKNOWN', `The alias ${alias} is taken.`, {}, 409)
      }
    },
    removeAlias: (alias) => write((tx) => removeAlias(tx, alias)),
    isPublic: (room) => findPublic(reader, room),
    setPublic: (room, isPublic) => write((tx) => updatePublic(tx, room, isPublic)),
    listPublicRooms: () => listPublic(reader),
  }
}
