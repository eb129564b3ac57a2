import { describe, expect, it } from 'vitest'
import { marketoOf, replyOf, SAMPLES } from './calls.ts'

const MEGABYTE = 2 ** 20

/** A reply that comes in pieces of a megabyte, and what was taken of it. */
function flood(megabytes: number, piece: Uint8Array<ArrayBuffer>) {
  const taken = { megabytes: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken.megabytes === megabytes) return controller.close()
        taken.megabytes += 1
        controller.enqueue(piece)
      },
      cancel() {
        taken.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken }
}

const BLANKS = new Uint8Array(MEGABYTE).fill(0x20)

describe('a reply of 50 MB', () => {
  it.each([
    ['syncLead', 1],
    ['listMObjects', 1],
    ['requestCampaign', 1],
    ['syncMultipleLeads', 4],
    ['listOperation', 4],
    ['getLead', 8],
    ['describeMObject', 8],
  ])('to %s is given up after %i MB', async (operation, megabytes) => {
    const { body, taken } = flood(50, BLANKS)
    const { marketo } = marketoOf(() => new Response(body))
    const ask = SAMPLES.find((sample) => sample.operation === operation)?.ask

    const error: unknown = await ask?.(marketo).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'unreadable', retryable: true })
    expect(String(error)).toContain(`longer than ${megabytes * MEGABYTE} bytes`)
    expect(taken).toEqual({ megabytes: megabytes + 1, cancelled: true })
  })

  it('that never ends after its limit keeps nobody waiting, nor does a stream that cannot be cancelled', async () => {
    let pulled = 0
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1
        if (pulled <= 3) controller.enqueue(BLANKS)
        return pulled <= 3 ? undefined : new Promise(() => {})
      },
      cancel: () => Promise.reject(new Error('no')),
    })
    const { marketo } = marketoOf(() => new Response(body))

    await expect(marketo.syncLead({ id: 1 })).rejects.toMatchObject({ code: 'unreadable' })
  })
})

describe('a large reply', () => {
  it('to syncMultipleLeads is read: 300 people', async () => {
    const leads = Array.from({ length: 300 }, (_, at) => ({ id: at + 1 }))
    const statuses = leads.map(
      ({ id }) =>
        `<syncStatus><leadId>${id}</leadId><status>UPDATED</status><error>${'x'.repeat(500)}</error></syncStatus>`,
    )
    const reply = replyOf('syncMultipleLeads', `<syncStatusList>${statuses.join('')}</syncStatusList>`)
    const { marketo } = marketoOf(() => new Response(reply))

    const results = await marketo.syncMultipleLeads({ leads })

    expect(results.map(({ leadId }) => leadId)).toEqual(leads.map(({ id }) => id))
  })

  it('to getLead is read: 400 people of one address, with 100 attributes each', async () => {
    const attribute =
      '<attribute><attrName>Message__c</attrName><attrType>string</attrType><attrValue>x</attrValue></attribute>'
    const record = `<leadRecord><Id>1</Id><leadAttributeList>${attribute.repeat(100)}</leadAttributeList></leadRecord>`
    const reply = replyOf('getLead', `<count>400</count><leadRecordList>${record.repeat(400)}</leadRecordList>`)
    const { marketo } = marketoOf(() => new Response(reply))

    const { leadRecords } = await marketo.getLead({ email: 'ana@acme.example' })

    expect(leadRecords).toHaveLength(400)
    expect(new Set(leadRecords.map(({ attributes }) => attributes.length))).toEqual(new Set([100]))
  })
})

describe('eight megabytes made to be hard to read', () => {
  const most = 8 * MEGABYTE - 1_000
  const many = (piece: string) => piece.repeat(Math.floor(most / piece.length))

  it.each([
    ['elements', many('<b/>')],
    ['open elements', many('<b>')],
    ['texts', many('x<b>y</b>')],
    ['references', many('&#38;')],
    ['CDATA', many('<![CDATA[x]]>')],
    ['comments', many('<!---->')],
    ['dashes', `<!--${many('-x')}`],
    ['one name', `<${many('b')}`],
    ['one attribute', `<b c="${many('x')}`],
    ['attributes', `<b ${Array.from({ length: most / 14 }, (_, at) => `n${at}="u"`).join(' ')}/>`],
    ['quotes', `<b${many(' c="')}`],
    ['blanks in a tag', `<b${many(' ')}`],
    ['ampersands', many('&')],
    ['half a bomb', many('&b;')],
  ])('end in an error with its cause, in the time that their bytes take: %s', async (_what, text) => {
    // Bounded by the test's own limit: anything quadratic would take hours.
    const { marketo } = marketoOf(() => new Response(replyOf('getLead', text)))

    await expect(marketo.getLead({ id: 1 })).rejects.toMatchObject({ code: 'unreadable', operation: 'getLead' })
  })
})
