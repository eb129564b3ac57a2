/** Which call is read, whatever comes in whatever order. */
import { beforeEach, describe, expect, it } from 'vitest'
import { CallReader } from '../../../../demo/simulator/ui/page/call-reader.ts'
import type { CallDetail, CallView } from '../../../../demo/simulator/view.ts'
import { calls, details, seventh } from './sample-data.ts'

let known: Map<number, CallView>
let answers: Map<number, PromiseWithResolvers<CallDetail | null>>
let reader: CallReader

function detail(number: number): CallDetail {
  return { ...calls[number - 1]!, ...details[number]! }
}

/** Answers the question for a call, and lets the reader take it. */
async function answer(number: number, body: CallDetail | null): Promise<void> {
  answers.get(number)?.resolve(body)
  await answers.get(number)?.promise
  await Promise.resolve()
  await Promise.resolve()
}

beforeEach(() => {
  known = new Map(calls.map((call) => [call.number, call]))
  answers = new Map()
  reader = new CallReader({
    callOf: (number) => known.get(number),
    detailOf(number) {
      const asked = Promise.withResolvers<CallDetail | null>()
      answers.set(number, asked)
      return asked.promise
    },
    changed: () => undefined,
  })
})

describe('a reader', () => {
  it('shows the summary at once, and the rest when it has come', async () => {
    reader.open(5)
    expect(reader.reading).toEqual({ call: calls[4], detail: null, problem: null })

    await answer(5, detail(5))

    expect(reader.reading?.detail?.response).toContain('CREATED')
  })

  it('drops an answer that comes after another call was opened', async () => {
    reader.open(4)
    reader.open(5)
    await answer(5, detail(5))

    await answer(4, detail(4))

    expect(reader.reading).toMatchObject({ call: { number: 5 }, detail: { number: 5 } })
  })

  it('asks once for a call that is open already', () => {
    reader.open(5)
    answers.clear()

    reader.open(5)

    expect(answers.size).toBe(0)
  })

  it('opens a call when it comes, if it was wanted before', () => {
    reader.open(7)
    expect(reader.reading).toBeNull()

    known.set(7, seventh)
    reader.refresh()

    expect(reader.reading?.call).toBe(seventh)
  })

  it('does not open it any more when it was closed meanwhile', () => {
    reader.open(7)
    reader.open(null)

    known.set(7, seventh)
    reader.refresh()

    expect(reader.reading).toBeNull()
  })

  it('closes a call whose number another one has after a restart', () => {
    reader.open(5)

    known = new Map([[5, { ...seventh, number: 5 }]])
    reader.refresh()

    expect(reader.reading).toBeNull()
  })

  it('keeps a call open that is told again', async () => {
    reader.open(5)
    await answer(5, detail(5))

    known = new Map([[5, { ...calls[4]! }]])
    reader.refresh()

    expect(reader.reading?.detail).not.toBeNull()
  })

  it('says that the call is too old when nothing of it is kept', async () => {
    reader.open(5)

    await answer(5, null)

    expect(reader.reading?.problem).toContain('no longer kept')
  })

  it('says that nobody answers when nobody does', async () => {
    reader.open(5)

    answers.get(5)?.reject(new TypeError('Failed to fetch'))
    await Promise.allSettled([answers.get(5)?.promise])
    await Promise.resolve()

    expect(reader.reading?.problem).toContain('does not answer')
  })
})
