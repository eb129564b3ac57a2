/** Asks questions on a terminal. */
import { createInterface } from 'node:readline/promises'

/** Returns the answer to a question; the default for an empty one. */
export type Ask = (question: string, preset: string) => Promise<string>

/**
 * Runs `work` with a function that asks on the terminal. Where the input or the output is none, each answer is the default.
 */
export async function withQuestions<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return work(async (_, preset) => preset)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await work(async (question, preset) => {
      const answer = await terminal.question(preset === '' ? `${question}: ` : `${question} [${preset}]: `)
      return answer.trim() || preset
    })
  } finally {
    terminal.close()
  }
}
