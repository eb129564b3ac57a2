/** Tests of the open call, for events and answers in any order. */
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

/** Answers the request for a call and lets the reader process it. */
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
      const request = Promise.withResolvers<CallDetail | null>()
      answers.set(number, request)
      return request.promise
    },
    changed: () => undefined,
  })
})

describe('the call reader', () => {
  it('has the summary at once and the details when they are loaded', async () => {
    reader.open(5)
    expect(reader.reading).toEqual({ call: calls[4], detail: null, problem: null })

    await answer(5, detail(5))

    expect(reader.reading?.detail?.response).toContain('CREATED')
  })

  it('drops an answer that arrives after another call was opened', async () => {
    reader.open(4)
    reader.open(5)
    await answer(5, detail(5))

    await answer(4, detail(4))

    expect(reader.reading).toMatchObject({ call: { number: 5 }, detail: { number: 5 } })
  })

  it('does not load a call again that is already open', () => {
    reader.open(5)
    answers.clear()

    reader.open(5)

    expect(answers.size).toBe(0)
  })

  it('opens a requested call when it arrives', () => {
    reader.open(7)
    expect(reader.reading).toBeNull()

    known.set(7, seventh)
    reader.refresh()

    expect(reader.reading?.call).toBe(seventh)
  })

  it('does not open a requested call that was closed in the meantime', () => {
    reader.open(7)
    reader.open(null)

    known.set(7, seventh)
    reader.refresh()

    expect(reader.reading).toBeNull()
  })

  it('closes a call whose number belongs to another call after a restart', () => {
    reader.open(5)

    known = new Map([[5, { ...seventh, number: 5 }]])
    reader.refresh()

    expect(reader.reading).toBeNull()
  })

  it('keeps a call open that is received again', async () => {
    reader.open(5)
    await answer(5, detail(5))

    known = new Map([[5, { ...calls[4]! }]])
    reader.refresh()

    expect(reader.reading?.detail).not.toBeNull()
  })

  it('has a message if the details are no longer stored', async () => {
    reader.open(5)

    await answer(5, null)

    expect(reader.reading?.problem).toContain('no longer stored')
  })

  it('has a message if the simulator does not answer', async () => {
    reader.open(5)

    answers.get(5)?.reject(new TypeError('Failed to fetch'))
    await Promise.allSettled([answers.get(5)?.promise])
    await Promise.resolve()

    expect(reader.reading?.problem).toContain('does not answer')
  })
})
