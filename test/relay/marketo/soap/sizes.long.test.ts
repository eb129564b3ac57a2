import { describe, expect, it } from 'vitest'
import { marketoOf, replyOf, SAMPLES } from './calls.ts'

const MEGABYTE = 2 ** 20

/** Creates a body of chunks of one megabyte, and records the number of chunks read. */
function createBody(megabytes: number, chunk: Uint8Array<ArrayBuffer>) {
  const read = { megabytes: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (read.megabytes === megabytes) return controller.close()
        read.megabytes += 1
        controller.enqueue(chunk)
      },
      cancel() {
        read.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, read }
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
  ])('to %s is cancelled after %i MB', async (operation, megabytes) => {
    const { body, read } = createBody(50, BLANKS)
    const { marketo } = marketoOf(() => new Response(body))
    const ask = SAMPLES.find((sample) => sample.operation === operation)?.ask

    const error: unknown = await ask?.(marketo).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'unreadable', retryable: true })
    expect(String(error)).toContain(`longer than ${megabytes * MEGABYTE} bytes`)
    expect(read).toEqual({ megabytes: megabytes + 1, cancelled: true })
  })

  it('is rejected at its limit, even if its stream hangs and cannot be cancelled', async () => {
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
  it('to syncMultipleLeads is read: 300 leads', async () => {
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

  it('to getLead is read: 400 leads with 100 attributes each', async () => {
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

describe('a malicious reply of 8 MB', () => {
  const maxLength = 8 * MEGABYTE - 1_000
  const many = (piece: string) => piece.repeat(Math.floor(maxLength / piece.length))

  it.each([
    ['many elements', many('<b/>')],
    ['many open elements', many('<b>')],
    ['many texts', many('x<b>y</b>')],
    ['many references', many('&#38;')],
    ['many CDATA sections', many('<![CDATA[x]]>')],
    ['many comments', many('<!---->')],
    ['many dashes', `<!--${many('-x')}`],
    ['one long name', `<${many('b')}`],
    ['one long attribute', `<b c="${many('x')}`],
    ['many attributes', `<b ${Array.from({ length: maxLength / 14 }, (_, at) => `n${at}="u"`).join(' ')}/>`],
    ['many quotes', `<b${many(' c="')}`],
    ['many spaces in a tag', `<b${many(' ')}`],
    ['many ampersands', many('&')],
    ['many undeclared entities', many('&b;')],
  ])('is rejected in linear time: %s', async (_what, text) => {
    // Bounded by the test's timeout: quadratic time would take hours.
    const { marketo } = marketoOf(() => new Response(replyOf('getLead', text)))

    await expect(marketo.getLead({ id: 1 })).rejects.toMatchObject({ code: 'unreadable', operation: 'getLead' })
  })
})
