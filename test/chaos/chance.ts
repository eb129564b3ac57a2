/** Chance that a seed repeats. Each part of a run has its own, so that none is moved by how often another throws. */
import { seeded } from '../../demo/simulator/random.ts'

export interface Chance {
  /** From 0 to below 1. */
  random: () => number
  happens: (share: number) => boolean
  /** A whole number, both ends included. */
  between: (least: number, most: number) => number
  pick: <T>(from: readonly T[]) => T
  shuffled: <T>(from: readonly T[]) => T[]
}

/** The chance of the part of that name. */
export function chanceOf(seed: number, ...name: readonly (string | number)[]): Chance {
  let mixed = seed | 0
  for (const character of name.join('/')) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193)
  const random = seeded(mixed)
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  return {
    random,
    happens: (share) => random() < share,
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
    shuffled(from) {
      const left = [...from]
      return from.map(() => left.splice(between(0, left.length - 1), 1)[0]!)
    },
  }
}

/** Goes through all of them in a random order, and then again in another. */
export function deckOf<T>(cards: readonly T[], chance: Chance): () => T {
  let left: T[] = []
  return () => {
    if (left.length === 0) left = chance.shuffled(cards)
    return left.pop()!
  }
}
