import { describe, expect, it } from 'vitest'
import { faultOf, verdictOn } from './samples.ts'

const parked = { kind: 'park' }
const blocked = { kind: 'blocked' }
const retried = (maxAttempts: number) => ({ kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts })
/** The account fails, unless other leads get through. */
const doubted = { kind: 'failed', fault: 'account', arrived: 'yes', maxAttempts: 20 }
/** A person must act, unless other leads get through. */
const notUnderstood = { kind: 'blocked', maxAttempts: 3 }
const stopped = (waitMs: number) => ({ kind: 'failed', fault: 'account', arrived: 'yes', waitMs })
const limited = (limit: string, waitMs: number) => ({ kind: 'limited', limit, waitMs })

describe('the verdict on a fault', () => {
  it.each([
    ['10001', 'Internal Error', 'the account fails, or this lead after 20 attempts', doubted],
    ['20011', 'Internal Error', 'the account fails, or this lead after 20 attempts', doubted],
    ['20012', 'Request Not Understood', 'the account is blocked, or this lead after 3 attempts', notUnderstood],
    ['20013', 'Access Denied', 'the account is blocked', blocked],
    ['20014', 'Authentication Failed', 'the account is blocked', blocked],
    ['20015', 'Request Limit Exceeded', 'no call until the quota reset', limited('day', 0)],
    ['20016', 'Request Expired', 'no call for a second, then a new signature', stopped(1_000)],
    ['20017', 'Invalid Request', 'the account is blocked, or this lead after 3 attempts', notUnderstood],
    ['20018', 'Bad Encoding', 'the account is blocked, or this lead after 3 attempts', notUnderstood],
    ['20019', 'Unsupported Operation', 'the account is blocked, or this lead after 3 attempts', notUnderstood],
    ['20022', 'Time Range Exceeded', 'parked', parked],
    ['20023', 'Rate Limit Exceeded', 'a lower rate after 20 seconds', limited('rate', 20_000)],
    ['20024', 'Concurrency Limit Exceeded', 'a lower concurrency after two seconds', limited('concurrency', 2_000)],
    ['20101', 'Lead Key Required', 'parked', parked],
    ['20102', 'Lead Key Bad', 'parked', parked],
    ['20103', 'Lead Not Found', 'parked', parked],
    ['20104', 'Lead Detail Required', 'parked', parked],
    ['20105', 'Lead Attribute Bad', 'parked', parked],
    ['20106', 'Lead Sync Failed', 'one more attempt', retried(2)],
    ['20107', 'Activity Key Bad', 'parked', parked],
    ['20108', 'Lead Owner Not Found', 'parked', parked],
    ['20109', 'Parameter Required', 'parked', parked],
    ['20110', 'Bad Parameter', 'parked', parked],
    ['20111', 'List Not Found', 'parked', parked],
    ['20113', 'Campaign Not Found', 'parked', parked],
    ['20114', 'Bad Parameter', 'parked', parked],
    ['20122', 'Bad Stream Position', 'parked', parked],
    ['20123', 'Stream At End', 'parked', parked],
    ['20999', 'unknown fault', 'at most five attempts', retried(5)],
    ['7', 'unknown fault', 'at most five attempts', retried(5)],
  ])('%s %s: %s', async (code, name, _what, expected) => {
    const verdict = await verdictOn(faultOf(code, ''), { status: 500 })

    const { reason, ...rest } = 'reason' in verdict ? verdict : { ...verdict, reason: '' }
    expect(rest).toEqual(expected)
    expect(reason).toMatch(new RegExp(`^${code} ${name}(?: \\(.*\\))?$`))
  })
})
