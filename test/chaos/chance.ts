/** Randomness that a seed repeats. Each part of a run has a sequence of its own, which no other part can shift. */
import { seeded } from '../../demo/simulator/random.ts'

export interface Chance {
  /** Returns a number from 0 up to, not including, 1. */
  random: () => number
  happens: (probability: number) => boolean
  /** Returns a whole number, both ends included. */
  between: (min: number, max: number) => number
  pick: <T>(from: readonly T[]) => T
  shuffled: <T>(from: readonly T[]) => T[]
}

/** Creates the sequence of the part of that name. */
export function chanceOf(seed: number, ...name: readonly (string | number)[]): Chance {
  let mixed = seed | 0
  for (const character of name.join('/')) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193)
  const random = seeded(mixed)
  const between = (min: number, max: number) => min + Math.floor(random() * (max - min + 1))
  return {
    random,
    happens: (probability) => random() < probability,
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
    shuffled(from) {
      const left = [...from]
      return from.map(() => left.splice(between(0, left.length - 1), 1)[0]!)
    },
  }
}

/** Returns a function that goes through the items in a random order, and then again in another one. */
export function shuffledCycle<T>(items: readonly T[], chance: Chance): () => T {
  let left: T[] = []
  return () => {
    if (left.length === 0) left = chance.shuffled(items)
    return left.pop()!
  }
}
