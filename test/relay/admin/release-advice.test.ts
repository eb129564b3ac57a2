import { expect, it } from 'vitest'
import { adviseAfterRelease } from '../../../relay/admin/release-advice.ts'

it('a release names the change of the forms file for each rule that has held leads, the most frequent first', () => {
  const leads = [
    { form: 'contact', reason: 'links: a link in FirstName', rules: ['links', 'free-mail'] },
    { form: 'contact', reason: 'honeypot: the hidden field is filled in; links: a link', rules: ['honeypot', 'links'] },
    { form: 'plain', reason: 'sample of what the rule ticket drops', rules: ['ticket'] },
  ]

  expect(adviseAfterRelease(leads)).toEqual([
    { form: 'contact', rule: 'links', leads: 2, change: '"contact": { "rules": { "links": "watch" } }' },
    { form: 'contact', rule: 'honeypot', leads: 1, change: '"contact": { "rules": { "honeypot": "watch" } }' },
    { form: 'plain', rule: 'ticket', leads: 1, change: '"plain": { "rules": { "ticket": "watch" } }' },
  ])
})

it('a release of leads of a form that an operator holds names the command that ends it', () => {
  const lead = { form: 'contact', reason: 'all leads of the form are held: a flood', rules: ['links'] }

  expect(adviseAfterRelease([lead])).toEqual([{ form: 'contact', leads: 1, change: 'form-sync hold contact --off' }])
})

it('a release of leads that something else has held names no rule', () => {
  expect(adviseAfterRelease([{ form: 'contact', reason: 'spam score 9', rules: ['links'] }])).toEqual([])
})
