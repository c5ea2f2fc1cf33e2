/** Bounds of /sync: what one reply costs, and what is kept in memory between replies. */

export const syncLimits = {
  /** Events in a room's timeline where the filter says nothing, and at most. */
  timelineDefault: 10,
  timelineMax: 500,
  /** Events looked at for one timeline where a filter or the history visibility hides most of them. */
  timelineScanMax: 2_000,
  /** Longest wait of one poll. */
  timeoutMaxMs: 300_000,
  /** Polls that wait at the same time; further ones are answered at once. */
  waitingMax: 50_000,
  /** Sessions that ended lately, for polls that are about to wait: that is a matter of milliseconds. */
  endedMax: 1_000,
  /** Records of the journal kept for "what changed since". */
  changesMax: 16_384,
  /** Rooms whose parts of a reply are made side by side. */
  roomsAtOnce: 64,
  toDeviceMax: 100,
  /** Changes of followed threads in one reply. */
  threadsMax: 100,
  /** Users whose presence one reply tells of; of those who changed, the rest comes with the next one. */
  presenceMax: 500,
  /** In rooms with more members presence is not told, but that somebody went offline, and that wakes nobody. */
  presenceRoomMembersMax: 500,
  /** Compiled filters kept, and characters of an inline one. */
  filtersMax: 2_000,
  filterCharsMax: 65_536,
  filterListMax: 1_000,
  /** Members known to be with a device, over all devices. */
  sentMembersMax: 500_000,
  /** State entries kept sorted into members and others, over all snapshots. */
  sortedStateMax: 400_000,
  strippedBytesMax: 4 * 1024 * 1024,
  keyCountsMax: 20_000,
  deliveriesMax: 50_000,
  heroesMax: 5,
  heroRoomsMax: 5_000,
  /** Events evaluated for the unread counts of one room at once, the newest. */
  unreadScanMax: 300,
  /** Further events evaluated afterwards, as many at once; the pause between two steps; rooms that wait for it. */
  unreadGapMax: 10_000,
  unreadGapPauseMs: 10,
  unreadGapsMax: 20_000,
  /** Unread notifications remembered of one room: the counts end there. */
  unreadItemsMax: 1_000,
  /** Events evaluated after which a checkpoint is stored. */
  unreadCheckpointEvery: 200,
  unreadRoomsMax: 100_000,
  /** Sliding sync: what one request may ask for. */
  slidingNameCharsMax: 255,
  slidingListsMax: 100,
  slidingRangesMax: 20,
  slidingSubscriptionsMax: 1_000,
  slidingStateMax: 500,
  slidingTimelineMax: 100,
  /** Connections of one device, and different sets of wanted state that one connection remembers. */
  slidingConnectionsMax: 32,
  slidingWishesMax: 100,
  /** Rooms of connections kept in memory, over all connections. */
  slidingRoomsMax: 500_000,
  /** Rooms, users or memberships about which something is kept. */
  slidingActivityMax: 200_000,
  slidingDirectsMax: 10_000,
  /** Events looked at for the last "proper" activity of a room. */
  slidingBumpScanMax: 200,
  /** A connection that nobody used for so long is forgotten; how often one looks. */
  slidingUnusedMs: 30 * 24 * 3_600_000,
  slidingTidyEveryMs: 3_600_000,
} as const
