/** Letters of this server. */

export { createMail } from './create-mail.ts'
export { confirmLetter, inUseLetter, noAccountLetter, resetLetter } from './letters.ts'
export type * from './mail.ts'
export { parseAddress } from './parse-address.ts'
