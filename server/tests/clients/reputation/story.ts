/** A story told as it happens: each claim gets a tick or a cross, and what is not there yet is said plainly. */

export type Story = {
  part(title: string): void
  tell(sentence: string): void
  /** A claim that must hold: what it found is told if it does not. */
  claim(sentence: string, holds: boolean, found?: unknown): void
  /** A claim about something that is still being built: told either way, never a failure. */
  hope(sentence: string, holds: boolean, otherwise: string): void
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
    hope: (sentence, holds, otherwise) => write(holds ? `  ✓ ${sentence}` : `  ○ not yet: ${sentence}. ${otherwise}`),
  }
}
