/** Bounds of transactions and EDUs. Spec: server-server-api#transactions; where it names none, ours. */

export const eduLimits = {
  pdusPerTransactionMax: 50,
  edusPerTransactionMax: 100,
  presencePushMax: 1_000,
  statusMessageBytesMax: 4_096,
  receiptRoomsMax: 500,
  receiptsMax: 5_000,
  prevIdsMax: 500,
  displayNameBytesMax: 1_024,
  messageIdBytesMax: 255,
  toDeviceUsersMax: 500,
  toDeviceMessagesMax: 5_000,
  typeBytesMax: 255,
} as const
