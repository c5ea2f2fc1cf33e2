/** Topological sorting with a preference (Kahn's algorithm on a heap). */

/**
 * The smallest topological order: every node stands after all nodes of the list that it points to, and whenever several
 * could come next, the first in `preferred`. Nodes on a cycle, and those that point to it, are left out.
 */
export function topologicalOrder<Node>(preferred: readonly Node[], edgesOf: (node: Node) => Iterable<Node>): Node[] {
  const size = preferred.length
  const positions = new Map<Node, number>()
  for (let position = 0; position < size; position += 1) positions.set(preferred[position]!, position)
  const pending = new Int32Array(size)
  const dependents: number[][] = Array.from({ length: size }, () => [])
  for (let position = 0; position < size; position += 1) {
    for (const target of new Set(edgesOf(preferred[position]!))) {
      const on = positions.get(target)
      if (on === undefined) continue
      pending[position]! += 1
      dependents[on]!.push(position)
    }
  }
  const ready = createIntHeap()
  for (let position = 0; position < size; position += 1) if (pending[position] === 0) ready.push(position)
  const order: Node[] = []
  for (let position = ready.pop(); position !== undefined; position = ready.pop()) {
    order.push(preferred[position]!)
    for (const dependent of dependents[position]!) {
      pending[dependent]! -= 1
      if (pending[dependent] === 0) ready.push(dependent)
    }
  }
  return order
}

/** A binary heap of integers; `pop` gives the smallest. */
function createIntHeap(): { push(value: number): void; pop(): number | undefined } {
  const heap: number[] = []
  const push = (value: number): void => {
    let index = heap.push(value) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (heap[parent]! <= value) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = value
  }
  const pop = (): number | undefined => {
    const smallest = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return smallest
    let index = 0
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1
      if (heap[child]! >= last) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return smallest
  }
  return { push, pop }
}
