/** In which room this server writes to each user. Spec: client-server-api#server-notices. */

import type { ModerationDeps, NoticeRooms } from './moderation.ts'

export function createNoticeRooms({ store }: Pick<ModerationDeps, 'store'>): NoticeRooms {
  return {
    async findNoticeRoom(user) {
      const row = await store.reader.first<{ room: number }>`SELECT room FROM notice_room WHERE user_number = ${user}`
      return row?.room
    },
    async keepNoticeRoom(user, room) {
      await store.transact((tx) => {
        tx.run`
          INSERT INTO notice_room (user_number, room) VALUES (${user}, ${room})
          ON CONFLICT (user_number) DO UPDATE SET room = excluded.room`
      })
    },
  }
}
