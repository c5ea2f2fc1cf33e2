/** Letters of this server. */

export { createMail } from './create-mail.ts'
export {
  confirmLetter,
  inUseLetter,
  type NoticedLine,
  noAccountLetter,
  notifyLetter,
  resetLetter,
} from './letters.ts'
export type * from './mail.ts'
export { parseAddress } from './parse-address.ts'
