/** Finds import cycles, type imports included. */

import { type Finding, resolveImport, type Tree } from './tree.ts'

/** One finding for each group of files that import one another in a circle. */
export function checkCycles(tree: Tree): Finding[] {
  const targets = new Map<string, string[]>()
  for (const file of tree.values()) {
    const named = file.scan.imports.map(({ specifier }) => resolveImport(file.path, specifier))
    targets.set(file.path, named.filter((target) => target !== undefined && tree.has(target)) as string[])
  }
  return findGroups(targets).map((group) => {
    const circle = shortestCircle(group, targets)
    return { check: 'cycles', path: circle[0] as string, line: 1, message: `import cycle: ${circle.join(' → ')}` }
  })
}

type Visit = { index: number; low: number; isOnStack: boolean }

// Tarjan's strongly connected components; groups of one file are left out unless it imports itself.
function findGroups(targets: Map<string, string[]>): string[][] {
  const visits = new Map<string, Visit>()
  const stack: string[] = []
  const groups: string[][] = []
  const visit = (path: string): Visit => {
    const own: Visit = { index: visits.size, low: visits.size, isOnStack: true }
    visits.set(path, own)
    stack.push(path)
    for (const target of targets.get(path) ?? []) {
      const seen = visits.get(target)
      if (seen === undefined) own.low = Math.min(own.low, visit(target).low)
      else if (seen.isOnStack) own.low = Math.min(own.low, seen.index)
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(path))
      for (const member of group) (visits.get(member) as Visit).isOnStack = false
      if (group.length > 1 || targets.get(path)?.includes(path)) groups.push(group)
    }
    return own
  }
  for (const path of [...targets.keys()].sort()) if (!visits.has(path)) visit(path)
  return groups
}

function shortestCircle(group: string[], targets: Map<string, string[]>): string[] {
  const start = [...group].sort()[0] as string
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const path of queue) {
    for (const target of targets.get(path) ?? []) {
      if (target === start) return [...walkBack(path, start, cameFrom), start]
      if (!group.includes(target) || cameFrom.has(target)) continue
      cameFrom.set(target, path)
      queue.push(target)
    }
  }
  return group
}

function walkBack(end: string, start: string, cameFrom: Map<string, string>): string[] {
  const way = [end]
  for (let at = end; at !== start; way.unshift(at)) at = cameFrom.get(at) as string
  return way
}
