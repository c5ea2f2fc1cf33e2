/** Unread notifications of a room as /sync tells them. Spec: client-server-api#receiving-notifications. */

import type { UnreadCount, UnreadCounts } from '../sync.ts'

/** Members of the room's section, as text: with the threads apart, or all together. */
export function countsText({ main, threads }: UnreadCounts, isPerThread: boolean): string {
  if (!isPerThread) {
    const all: { notify: number; highlight: number } = { ...main }
    for (const { notify, highlight } of threads.values()) {
      all.notify += notify
      all.highlight += highlight
    }
    return `"unread_notifications":${countText(all)}`
  }
  if (threads.size === 0) return `"unread_notifications":${countText(main)}`
  const parts = [...threads].map(([root, count]) => `${JSON.stringify(root)}:${countText(count)}`)
  return `"unread_notifications":${countText(main)},"unread_thread_notifications":{${parts.join(',')}}`
}

function countText({ notify, highlight }: UnreadCount): string {
  return `{"notification_count":${notify},"highlight_count":${highlight}}`
}
