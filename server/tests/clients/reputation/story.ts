/** A story told as it happens: each claim gets a tick or a cross. */

export type Story = {
  part(title: string): void
  tell(sentence: string): void
  /** A claim that must hold: what it found is told if it does not. */
  claim(sentence: string, holds: boolean, found?: unknown): void
  readonly failures: readonly string[]
  readonly claims: number
}

/** Writes each line at once. */
export function startStory(write: (line: string) => void): Story {
  const failures: string[] = []
  let claims = 0
  return {
    failures,
    get claims() {
      return claims
    },
    part: (title) => write(`\n${title}\n${'─'.repeat(title.length)}`),
    tell: (sentence) => write(`  ${sentence}`),
    claim(sentence, holds, found) {
      claims++
      write(`  ${holds ? '✓' : '✗'} ${sentence}`)
      if (holds) return
      failures.push(sentence)
      write(`      but: ${JSON.stringify(found)}`)
    },
  }
}
