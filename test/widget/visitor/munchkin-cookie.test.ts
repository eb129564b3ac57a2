import { describe, expect, it } from 'vitest'
import { hasOptedOut, visitorCookies } from '../../../widget/visitor/munchkin-cookie.ts'

// The two formats in Marketo's documentation, with an invented domain and account.
const OLD = 'id:123-ABC-456&token:_mch-acme.example-1374552656411-90718'
const NEW = 'id:123-ABC-456&token:_mch-acme.example-97bf4361ef4433921a6da262e8df45a0'
const OTHER_ACCOUNT = 'id:999-XYZ-999&token:_mch-acme.example-1374552656411-11111'
const OTHER_DOMAIN = 'id:123-ABC-456&token:_mch-acme.test-1374552656411-22222'

describe('the visitor’s cookies', () => {
  it.each([
    ['as Munchkin writes them', `_mkto_trk=${OLD}`, [OLD]],
    ['in the newer format, among other cookies', `a=1; _mkto_trk=${NEW}; b=2`, [NEW]],
    ['percent-decoded', `_mkto_trk=${encodeURIComponent(OLD)}`, [OLD]],
    ['without quotes', `_mkto_trk="${OLD}"`, [OLD]],
    ['once if two are equal', `_mkto_trk=${OLD}; _mkto_trk=${encodeURIComponent(OLD)}`, [OLD]],
    ['not if they were encoded twice', `_mkto_trk=${encodeURIComponent(encodeURIComponent(OLD))}`, []],
    ['not if they are malformed', '_mkto_trk=id:1%&token:x; _mkto_trk=one', []],
    ['not from other cookies', 'a=1; b=2', []],
    ['not from a page without cookies', '', []],
    ['not if only the end of a name matches', `aws_mkto_trk=${OLD}; not_mkto_trk=${OLD}`, []],
  ])('are read %s', (_, cookies, expected) => {
    expect(visitorCookies(cookies, 'www.acme.example')).toEqual(expected)
  })

  it.each([
    ['the one of the given account', [OTHER_ACCOUNT, OTHER_DOMAIN], '123-ABC-456', OTHER_DOMAIN],
    ['the one of the account given in lower case', [OTHER_ACCOUNT, OTHER_DOMAIN], '123-abc-456', OTHER_DOMAIN],
    ['the one for this domain among those of the account', [OTHER_ACCOUNT, OTHER_DOMAIN, OLD], '123-ABC-456', OLD],
    ['the one for this domain if no account is given', [OTHER_DOMAIN, OTHER_ACCOUNT, OLD], undefined, OTHER_ACCOUNT],
    ['the first of equal ones', [OLD, NEW], undefined, OLD],
    ['the one for this domain if none is of the given account', [OTHER_DOMAIN, OLD], '777-ZZZ-777', OLD],
  ])('are all returned, first %s', (_, values, munchkinId, expected) => {
    const cookies = values.map((value) => `_mkto_trk=${value}`).join('; ')

    const found = visitorCookies(cookies, 'www.acme.example', munchkinId)

    expect(found[0]).toBe(expected)
    expect(found.toSorted()).toEqual(values.toSorted())
  })

  it('do not match a domain that merely ends like the page’s domain', () => {
    const similar = OLD.replace('acme.example', 'me.example')

    expect(visitorCookies(`_mkto_trk=${similar}; _mkto_trk=${OLD}`, 'www.acme.example')).toEqual([OLD, similar])
  })
})

describe('the opt-out', () => {
  it.each([
    ['read from a single cookie', 'mkto_opt_out=true', true],
    ['read among other cookies', `a=1; mkto_opt_out=true; _mkto_trk=${OLD}`, true],
    ['false with another value', 'mkto_opt_out=false', false],
    ['false with a longer value', 'mkto_opt_out=trueish', false],
    ['false under a longer name', 'x_mkto_opt_out=true', false],
    ['false without the cookie', '', false],
  ])('is %s', (_, cookies, expected) => {
    expect(hasOptedOut(cookies)).toBe(expected)
  })
})
