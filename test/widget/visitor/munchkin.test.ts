import { describe, expect, it } from 'vitest'
import { hasOptedOut, visitorCookie } from '../../../widget/visitor/munchkin.ts'

// The two forms that Marketo's documentation shows, with a domain and an account of our own.
const OLD = 'id:123-ABC-456&token:_mch-acme.example-1374552656411-90718'
const NEW = 'id:123-ABC-456&token:_mch-acme.example-97bf4361ef4433921a6da262e8df45a0'
const OTHER_ACCOUNT = 'id:999-XYZ-999&token:_mch-acme.example-1374552656411-11111'
const OTHER_DOMAIN = 'id:123-ABC-456&token:_mch-acme.test-1374552656411-22222'

describe('the visitor’s cookie', () => {
  it.each([
    ['as Munchkin writes it', `_mkto_trk=${OLD}`, OLD],
    ['in its newer form, among others', `a=1; _mkto_trk=${NEW}; b=2`, NEW],
    ['percent-encoded', `_mkto_trk=${encodeURIComponent(OLD)}`, OLD],
    [
      'encoded twice, decoded once',
      `_mkto_trk=${encodeURIComponent(encodeURIComponent(OLD))}`,
      encodeURIComponent(OLD),
    ],
    ['with a stray percent sign, left as it is', '_mkto_trk=id:1%&token:x', 'id:1%&token:x'],
    ['not there', 'a=1; b=2', undefined],
    ['not there at all', '', undefined],
    ['not there, though another’s name ends like it', `aws_mkto_trk=${OLD}; not_mkto_trk=${OLD}`, undefined],
  ])('%s', (_, cookies, expected) => {
    expect(visitorCookie(cookies, 'www.acme.example')).toBe(expected)
  })

  it.each([
    ['the one of the given account', [OTHER_ACCOUNT, OTHER_DOMAIN], '123-ABC-456', OTHER_DOMAIN],
    ['of that account’s the one for this domain', [OTHER_ACCOUNT, OTHER_DOMAIN, OLD], '123-ABC-456', OLD],
    ['without an account the one for this domain', [OTHER_DOMAIN, OTHER_ACCOUNT, OLD], undefined, OTHER_ACCOUNT],
    ['a whole one before a broken one', ['id:1&token:broken', OLD], undefined, OLD],
    ['the first when nothing tells them apart', [OLD, NEW], undefined, OLD],
    ['the first when none is whole', ['one', 'two'], undefined, 'one'],
    ['for this domain when no cookie is of the given account', [OTHER_DOMAIN, OLD], '777-ZZZ-777', OLD],
  ])('of several is %s', (_, values, munchkinId, expected) => {
    const cookies = values.map((value) => `_mkto_trk=${value}`).join('; ')

    expect(visitorCookie(cookies, 'www.acme.example', munchkinId)).toBe(expected)
  })

  it('does not take a domain that merely ends alike for the page’s own', () => {
    const alike = OLD.replace('acme.example', 'me.example')

    expect(visitorCookie(`_mkto_trk=${alike}; _mkto_trk=${OLD}`, 'www.acme.example')).toBe(OLD)
  })
})

describe('opting out', () => {
  it.each([
    ['alone', 'mkto_opt_out=true', true],
    ['among others', `a=1; mkto_opt_out=true; _mkto_trk=${OLD}`, true],
    ['not with another value', 'mkto_opt_out=false', false],
    ['not with a longer value', 'mkto_opt_out=trueish', false],
    ['not under a longer name', 'x_mkto_opt_out=true', false],
    ['not without the cookie', '', false],
  ])('%s', (_, cookies, expected) => {
    expect(hasOptedOut(cookies)).toBe(expected)
  })
})
