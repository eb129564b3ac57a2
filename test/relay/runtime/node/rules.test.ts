/** The rules of posts in a relay on Node: from the forms file to the events, the store and `/readyz`. */
import { expect, it } from 'vitest'
import { FORMS } from '../../../support/relay.ts'
import { askState, OPERATOR } from '../../../support/operator.ts'
import { startNodeRelay } from '../../../support/node-relay.ts'

const RULES = { links: 'hold', disposable: 'hold', 'many-of-address': 'hold', honeypot: 'drop', 'free-mail': 'off' }

const startWithRules = (env = {}) => startNodeRelay({ forms: { ...FORMS, rules: RULES }, env })

it('a relay on Node holds, drops and watches by the rules of the forms file, and counts what they found', async () => {
  const relay = await startWithRules()

  const answers = [
    await relay.post({ Email: 'a@acme.example', first: 'https://spam.example' }),
    await relay.post({ Email: 'b@mailinator.com' }),
    await relay.post({ Email: 'c@acme.example', _gotcha: 'x' }),
    await relay.post({ Email: 'd@acme.example', _gotcha: 'x' }),
    await relay.post({ Email: 'e@gmail.com', message: '=1+1' }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
  // A lead that is not held has a reason as soon as an attempt has failed.
  const columns = `CASE state WHEN 'held' THEN reason END AS reason, rules, state`
  expect(relay.rows(`SELECT ${columns} FROM job ORDER BY seq`)).toEqual([
    { reason: 'links: a link in FirstName', rules: 'links', state: 'held' },
    { reason: 'disposable: the address is of a provider of disposable addresses', rules: 'disposable', state: 'held' },
    { reason: 'sample of what the rule honeypot drops', rules: 'honeypot', state: 'held' },
    { reason: null, rules: 'formula', state: 'ready' },
  ])
  const state = (await (await askState(relay.url, OPERATOR.FORM_SYNC_CONSOLE_TOKEN)).json()) as { rules: object[] }
  expect(state.rules).toEqual([
    { form: 'contact', rule: 'honeypot', watched: 0, held: 0, dropped: 2 },
    { form: 'contact', rule: 'links', watched: 0, held: 1, dropped: 0 },
    { form: 'contact', rule: 'disposable', watched: 0, held: 1, dropped: 0 },
    { form: 'contact', rule: 'formula', watched: 1, held: 0, dropped: 0 },
  ])
  expect(JSON.stringify(relay.events)).not.toMatch(/spam\.example|mailinator|gmail/)
})

it('subscription bombing: the posts of one victim from many networks to several forms are held after the fifth', async () => {
  const relay = await startWithRules({ FORM_SYNC_TRUSTED_PROXIES: '1' })

  for (let post = 0; post < 8; post += 1) {
    const from = { 'x-forwarded-for': `198.51.100.${post + 1}` }
    const Email = post % 2 === 0 ? 'vic.tim@acme.example' : `victim+${post}@acme.example`
    const answer = await relay.post({ Email }, from, post % 3 === 0 ? 'plain' : 'contact')
    expect([answer.status, ((await answer.json()) as { ok: boolean }).ok]).toEqual([202, true])
  }

  expect(relay.rows(`SELECT count(*) AS leads FROM job WHERE rules = 'many-of-address'`)).toEqual([{ leads: 3 }])
  expect(relay.rows(`SELECT DISTINCT state FROM job WHERE rules IS NOT NULL`)).toEqual([{ state: 'held' }])
})

it('most posts of a form that are held are the issue withheld', async () => {
  const relay = await startWithRules()
  for (let post = 0; post < 10; post += 1)
    await relay.post({ Email: `x${post}@acme.example`, first: 'www.spam.example' })

  expect(await relay.issues('withheld')).toEqual([
    'most posts of the form contact are held or dropped, most often by the rule links',
  ])
})

it('the addresses of test mode make rules fire, and the relay warns of the mode at its start', async () => {
  const testing = await startWithRules({ FORM_SYNC_TEST_RULES: '1' })
  const usual = await startWithRules()

  await testing.post({ Email: 'rule+links@example.com' })
  await usual.post({ Email: 'rule+links@example.com' })

  expect(testing.rows('SELECT reason FROM job')).toEqual([{ reason: 'links: asked for by its address' }])
  expect(usual.rows('SELECT state FROM job')).toEqual([{ state: 'ready' }])
  expect(testing.events).toContainEqual(
    expect.objectContaining({ event: 'configuration-warning', place: 'FORM_SYNC_TEST_RULES' }),
  )
})
