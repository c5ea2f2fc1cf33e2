/** Every endpoint of the sources, matched with the operations of the specification. */

import { readTree } from '../tidy/tree.ts'
import { declarationsIn, type FoundDeclaration } from './read-declarations.ts'
import { readSpecOperations, type SpecOperation, shapeOf } from './spec-operations.ts'

/** All declarations, ordered by path and method. */
export function readAllDeclarations(): FoundDeclaration[] {
  const files = [...readTree().values()].filter(({ path }) => path.startsWith('server/src/api/'))
  return files.flatMap(declarationsIn).sort((a, b) => order(a) - order(b) || compare(keyOf(a), keyOf(b)))
}

const sides = ['client', 'federation', 'appservice', 'policy', 'reputation', 'account', 'admin']

/** `client` for server/src/api/client/… */
export function sideOf(declaration: FoundDeclaration): string {
  return declaration.file.split('/')[3] as string
}

function order(declaration: FoundDeclaration): number {
  return sides.indexOf(sideOf(declaration))
}

function keyOf({ path, method }: FoundDeclaration): string {
  return `${path} ${method}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export type Coverage = ReadonlyMap<SpecOperation, FoundDeclaration | undefined>

/** Which declaration, if any, implements each operation of the specification. */
export function coverageOf(declarations: readonly FoundDeclaration[]): Coverage {
  const byShape = new Map<string, FoundDeclaration>()
  for (const found of declarations) {
    for (const path of [found.path ?? '', ...found.aliases]) byShape.set(shapeOf(found.method, path), found)
  }
  return new Map(
    readSpecOperations().map((operation) => [operation, byShape.get(shapeOf(operation.method, operation.path))]),
  )
}
