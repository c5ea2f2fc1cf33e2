/** In which room this server writes to each user. */

const sql = `
-- owner: moderation
CREATE TABLE notice_room (
  user_number INTEGER PRIMARY KEY,
  room INTEGER NOT NULL
);
`

export const noticeRooms = { id: 19, name: 'notice-rooms', sql }
