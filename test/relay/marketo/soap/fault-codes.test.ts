import { describe, expect, it } from 'vitest'
import { faultOf, verdictOn } from './samples.ts'

const parked = { kind: 'park' }
const blocked = { kind: 'blocked' }
const again = (atMost: number) => ({ kind: 'retry', atMost })
const everyone = (after: number) => ({ kind: 'retry', everyone: true, after })
const limited = (limit: string, after: number) => ({ kind: 'limited', limit, after })

describe('what becomes of a lead', () => {
  it.each([
    ['10001', 'Internal Error', 'tried again, at most 20 times', again(20)],
    ['20011', 'Internal Error', 'tried again, at most 20 times', again(20)],
    ['20012', 'Request Not Understood', 'parked', parked],
    ['20013', 'Access Denied', 'kept until someone acts', blocked],
    ['20014', 'Authentication Failed', 'kept until someone acts', blocked],
    ['20015', 'Request Limit Exceeded', 'the day is spent', limited('day', 0)],
    ['20016', 'Request Expired', 'all wait a second for a fresh signature', everyone(1_000)],
    ['20017', 'Invalid Request', 'parked', parked],
    ['20018', 'Bad Encoding', 'parked', parked],
    ['20019', 'Unsupported Operation', 'parked', parked],
    ['20022', 'Time Range Exceeded', 'parked', parked],
    ['20023', 'Rate Limit Exceeded', 'all go slower, after 20 seconds', limited('rate', 20_000)],
    ['20024', 'Concurrency Limit Exceeded', 'fewer go at once, after two seconds', limited('concurrency', 2_000)],
    ['20101', 'Lead Key Required', 'parked', parked],
    ['20102', 'Lead Key Bad', 'parked', parked],
    ['20103', 'Lead Not Found', 'parked', parked],
    ['20104', 'Lead Detail Required', 'parked', parked],
    ['20105', 'Lead Attribute Bad', 'parked', parked],
    ['20106', 'Lead Sync Failed', 'tried once more', again(2)],
    ['20107', 'Activity Key Bad', 'parked', parked],
    ['20108', 'Lead Owner Not Found', 'parked', parked],
    ['20109', 'Parameter Required', 'parked', parked],
    ['20110', 'Bad Parameter', 'parked', parked],
    ['20111', 'List Not Found', 'parked', parked],
    ['20113', 'Campaign Not Found', 'parked', parked],
    ['20114', 'Bad Parameter', 'parked', parked],
    ['20122', 'Bad Stream Position', 'parked', parked],
    ['20123', 'Stream At End', 'parked', parked],
    ['20999', 'unknown fault', 'tried again, at most five times', again(5)],
    ['7', 'unknown fault', 'tried again, at most five times', again(5)],
  ])('%s %s: %s', async (code, name, _what, fate) => {
    const verdict = await verdictOn(faultOf(code, ''), { status: 500 })

    const { reason, ...rest } = 'reason' in verdict ? verdict : { ...verdict, reason: '' }
    expect(rest).toEqual(fate)
    expect(reason).toMatch(new RegExp(`^${code} ${name}(?: \\(.*\\))?$`))
  })
})
