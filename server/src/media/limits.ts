/** Bounds of media: nothing that is uploaded, fetched, made smaller or waited for goes without one. */

export const mediaLimits = {
  /** Unused names of one user. Spec: client-server-api#post_matrixmediav1create. */
  pendingMax: 20,
  /** How long a name waits for its bytes. */
  pendingMs: 24 * 3_600_000,
  /** How long a download waits for bytes that are on their way: unless asked otherwise, and at most. */
  waitMs: 20_000,
  waitMaxMs: 60_000,
  /** Characters of a content type and of a file name. */
  contentTypeMax: 255,
  fileNameMax: 255,
  /** Files up to this size are answered in one piece. */
  wholeBytesMax: 256 * 1024,
  /** Pixels of a picture (all frames together) that is made smaller: 10,000 × 10,000 in JPEG is a few MiB. */
  pixelsMax: 50_000_000,
  /** Bytes of a picture that is made smaller. */
  pictureBytesMax: 32 * 1024 * 1024,
  /** Pictures that are made smaller at the same time, and that wait. */
  thumbnailsAtOnce: 1,
  thumbnailsWaitingMax: 64,
  thumbnailTimeoutS: 15,
  /** Below this quality (0 to 100) a perceptual hash says nothing; pictures are scaled down to this side for it. */
  lookQualityMin: 50,
  lookSideMax: 512,
  /** A PNG without transparency stays one up to this size, or else becomes a JPEG. */
  thumbnailPngBytesMax: 256 * 1024,
  /** How often expired names and blobs without a name are looked for, and how young ones are left alone. */
  sweepMs: 6 * 3_600_000,
  orphanAgeMs: 3_600_000,
  /** A previewed page: its head is read, and no more than so much of it; its picture. */
  previewPageBytesMax: 1024 * 1024,
  previewImageBytesMax: 8 * 1024 * 1024,
  previewTimeoutMs: 10_000,
  previewRedirectsMax: 5,
  /** A file that its server says is elsewhere. */
  fetchTimeoutMs: 60_000,
  fetchRedirectsMax: 5,
  /** What stands before the file in a multipart answer, in bytes. */
  fetchHeadBytesMax: 65_536,
  /** Files fetched from one server at once, and over all with those that wait: bounds what is half written. */
  fetchLanesPerServer: 4,
  fetchesMax: 128,
  /** How long a preview is remembered, and how many are fetched at once. */
  previewAgeMs: 3_600_000,
  previewsAtOnce: 8,
  previewTextMax: 1_024,
} as const
