/** Walking a graph without recursion: chains of events may be tens of thousands long. */

/**
 * Visits what can be reached from the starts, depth first, starts included. `enter` is called for every node met, as
 * often as it is met, and answers true if the walk should go on from it: it must answer false for a node seen before.
 */
export function walkGraph<Node>(
  starts: Iterable<Node>,
  edgesOf: (node: Node) => Iterable<Node>,
  enter: (node: Node) => boolean,
): void {
  const open: Node[] = []
  for (const start of starts) if (enter(start)) open.push(start)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of edgesOf(node)) if (enter(next)) open.push(next)
  }
}

/** What can be reached from the starts, starts included, in the order of the visit. */
export function reachableFrom<Node>(starts: Iterable<Node>, edgesOf: (node: Node) => Iterable<Node>): Set<Node> {
  const seen = new Set<Node>()
  walkGraph(starts, edgesOf, (node) => {
    if (seen.has(node)) return false
    seen.add(node)
    return true
  })
  return seen
}
