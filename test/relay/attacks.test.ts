/** The attacks that SECURITY.md names, against a whole relay on Node: what the attacker sees, and what becomes of the leads. */
import { describe, expect, it } from 'vitest'
import { startNodeRelay } from '../support/node-relay.ts'
import { AS_OPERATOR, askState } from '../support/operator.ts'
import { ACME, FORMS } from '../support/relay.ts'

const ID = '0193573a-1c00-7000-8000-0123456789ab'
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

async function attacked(rules: Record<string, string> = {}) {
  const forms = { forms: { ...FORMS.forms, contact: { ...FORMS.forms.contact, workspace: undefined, rules } } }
  const relay = await startNodeRelay({ forms, env: { MUNCHKIN_ID: '123-ABC-456' } })
  const accepted = () => relay.events.filter((event) => event.event === 'accepted')
  const state = async () => (await (await askState(relay.url)).json()) as { backlog: number; held?: number }
  return { ...relay, accepted, state }
}

describe('an attacker', () => {
  it('subscription bombing: signs up one victim with many spellings, and the later leads are held with the same reply', async () => {
    const { post, url } = await attacked({ 'many-of-address': 'hold' })
    const spellings = ['v.ictim', 'vi.ctim', 'vic.tim', 'vict.im', 'victi.m', 'victim+a', 'victim+b', 'victim+c']

    const statuses: number[] = []
    for (const local of spellings) statuses.push((await post({ Email: `${local}@acme.example` })).status)

    expect(statuses).toEqual(spellings.map(() => 202))
    const held = (await (await fetch(`${url}/v1/waiting?by=rule&state=held`, AS_OPERATOR)).json()) as { held: number }
    expect(held.held).toBe(3)
  })

  it.each([
    [
      'from another site',
      { _visitor: COOKIE.replace('acme', 'evil') },
      { origin: ACME },
      'cookie left out: of another site',
    ],
    [
      'of another account',
      { _visitor: COOKIE.replace('123', '999') },
      { origin: ACME },
      'cookie left out: of another Munchkin id',
    ],
  ])(
    'identity take-over by cookie: posts a cookie %s, and the lead goes without it',
    async (_, extras, headers, note) => {
      const { post, accepted } = await attacked()

      const own = await post({ Email: 'own@acme.example', _visitor: COOKIE })
      const foreign = await post({ Email: 'attacker@acme.example', ...extras }, headers)

      expect([own.status, foreign.status]).toEqual([202, 202])
      expect(accepted().map(({ notes }) => notes)).toEqual([[], [note]])
    },
  )

  it('id collision: posts another lead with the id of a visitor, and both are kept', async () => {
    const { post, state, events } = await attacked()

    const visitor = await post({ Email: 'ana@acme.example', _id: ID })
    const attacker = await post({ Email: 'mallory@acme.example', _id: ID })
    const again = await post({ Email: 'ana@acme.example', _id: ID })

    expect([visitor.status, attacker.status, again.status]).toEqual([202, 202, 202])
    expect((await state()).backlog).toBe(2)
    expect(events.filter(({ event }) => event === 'id-reused')).toHaveLength(1)
  })
})
