import { afterEach, describe, expect, it, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import { createAltcha } from '../../../relay/guards/challenge/altcha.ts'
import { fakeRelay, fieldsOf, renderForm, type RenderedForm } from '../../support/widget-page.ts'
import { PAGE, WORK_KEY } from '../../support/widget-work.ts'

afterEach(() => vi.useRealTimers())

/** Resolves when the widget has the ticket of a number. */
async function gotTicket({ form }: RenderedForm, number: number): Promise<void> {
  await vi.waitFor(() => expect(new FormData(form).get('_ticket')).toBe(`ticket-${number}`), 15_000)
}

/** Counts the replies that the widget has read to their end. Returns a function that resolves when there is one. */
function watchReplies({ element }: RenderedForm): () => Promise<void> {
  const { fetch } = element.globals
  let replies = 0
  const watch = (response: Response) => {
    const json = () => Response.prototype.json.call(response).finally(() => (replies += 1))
    return Object.assign(response, { json })
  }
  element.globals = { ...element.globals, fetch: async (...request) => watch(await fetch(...request)) }
  return () => vi.waitFor(() => expect(replies).toBe(1), 15_000)
}

describe('the ticket of a form', () => {
  it('is asked for at the first touch, once and without cookies, and sent with the form', async () => {
    const relay = fakeRelay('202', 'given')
    const form = renderForm(relay)
    expect(await relay.ticketRequests()).toEqual([])

    await userEvent.click(form.find('input'))
    await userEvent.keyboard('a')
    await gotTicket(form, 1)
    await userEvent.click(form.button)
    await form.waitForState('sent')

    const [request, ...others] = await relay.ticketRequests()
    expect(request).toMatchObject({ method: 'GET' })
    expect(request!.headers.cookie).toBeUndefined()
    expect(others).toEqual([])
    expect(fieldsOf((await relay.requests())[0])._ticket).toBe('ticket-1')
  })

  it('goes along when a script submits the form past the widget', async () => {
    const relay = fakeRelay('202', 'given')
    const form = renderForm(relay)
    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)

    const data = new FormData(form.form)

    expect(data.get('_ticket')).toBe('ticket-1')
  })

  it('is not waited for longer than 300 ms', async () => {
    const relay = fakeRelay('202', 'hang')
    const { find, button, pauses, waitForState } = renderForm(relay)

    await userEvent.click(find('input'))
    button.click()
    await waitForState('sent')

    expect(pauses).toEqual([300])
    expect(fieldsOf((await relay.requests())[0])).not.toHaveProperty('_ticket')
  })

  it('goes along when it comes while the submit waits for it', async () => {
    const relay = fakeRelay('202', 'held')
    const { element, find, button, waitForState } = renderForm(relay)
    element.globals = { ...element.globals, wait: () => new Promise(() => {}) }

    await userEvent.click(find('input'))
    button.click()
    await waitForState('sending')
    expect(await relay.requests()).toEqual([])
    await relay.releaseTicket()
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0])._ticket).toBe('ticket-1')
  })

  it.each(['500', '403', 'html'])('that does not come (%s) changes nothing', async (reply) => {
    const relay = fakeRelay('202', reply === 'html' ? '200' : reply)
    const form = renderForm(relay)
    const gotReply = watchReplies(form)

    await userEvent.click(form.find('input'))
    await gotReply()
    form.button.click()
    await form.waitForState('sent')

    expect(form.pauses).toEqual([])
    expect(fieldsOf((await relay.requests())[0])).not.toHaveProperty('_ticket')
  })

  it('is asked for anew for the next submission', async () => {
    const relay = fakeRelay('202', 'given')
    const form = renderForm(relay)

    for (const count of [1, 2]) {
      form.element.state = 'idle'
      await form.element.updateComplete
      await userEvent.fill(form.find('input'), `zoe-${count}@harbour.example`)
      await gotTicket(form, count)
      form.button.click()
      await form.waitForState('sent')
    }

    expect((await relay.requests()).map((request) => fieldsOf(request)._ticket)).toEqual(['ticket-1', 'ticket-2'])
  })

  it('is the same when the same submission is sent again', async () => {
    const relay = fakeRelay('404+202', 'given')
    const form = renderForm(relay)
    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)

    form.button.click()
    await form.waitForState('failed')
    form.findInShadow('[part=retry]')!.click()
    await form.waitForState('sent')

    expect((await relay.requests()).map((request) => fieldsOf(request)._ticket)).toEqual(['ticket-1', 'ticket-1'])
  })

  it('is kept when a field is to be corrected, because no lead has used it', async () => {
    const relay = fakeRelay('422:Email+202', 'given')
    const form = renderForm(relay)
    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)
    form.button.click()
    await form.waitForState('failed')

    await userEvent.fill(form.find('input'), 'zoe@harbour.example.net')
    form.button.click()
    await form.waitForState('sent')

    expect(await relay.ticketRequests()).toHaveLength(1)
    expect((await relay.requests()).map((request) => fieldsOf(request)._ticket)).toEqual(['ticket-1', 'ticket-1'])
  })

  it('is asked for anew when it is 50 minutes old', async () => {
    const relay = fakeRelay('202', 'given')
    const form = renderForm(relay)
    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 50 * 60_000 + 1_000 })
    await userEvent.keyboard('a')
    await gotTicket(form, 2)
    form.button.click()
    await form.waitForState('sent')

    expect(fieldsOf((await relay.requests())[0])._ticket).toBe('ticket-2')
  })

  it.each(['204', '404'])('is asked for once on a page whose form has none (%s)', async (reply) => {
    const relay = fakeRelay('202', reply)
    const form = renderForm(relay)
    const gotReply = watchReplies(form)
    await userEvent.click(form.find('input'))
    await gotReply()

    form.button.click()
    await form.waitForState('sent')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 50 * 60_000 + 1_000 })
    form.element.state = 'idle'
    await form.element.updateComplete
    await userEvent.fill(form.find('input'), 'zoe@harbour.example.net')
    form.button.click()
    await form.waitForState('sent')

    expect(await relay.ticketRequests()).toHaveLength(1)
    expect(await relay.requests()).toHaveLength(2)
  })

  it('is asked for without the query of the address of the form', async () => {
    const relay = fakeRelay('202', 'given')
    const form = renderForm({ ...relay, action: `${relay.action}?campaign=1#top` })

    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)

    expect(await relay.ticketRequests()).toHaveLength(1)
  })

  it('is not asked for by a touch outside of the form', async () => {
    const relay = fakeRelay('202', 'given')
    const { find } = renderForm(relay, undefined, '', '<button type="button" id="beside">Help</button>')

    await userEvent.click(find('#beside'))

    expect(await relay.ticketRequests()).toEqual([])
  })

  it('is not waited for when a button posts to another address', async () => {
    const relay = fakeRelay('202', 'hang')
    const other = fakeRelay('202')
    const fields = `<input name="Email" value="zoe@harbour.example"><button formaction="${other.action}">Send</button>`
    const form = renderForm(relay, fields)
    await userEvent.click(form.find('input'))

    form.button.click()
    await form.waitForState('sent')

    expect(form.pauses).toEqual([])
    expect(await other.requests()).toHaveLength(1)
  })
})

describe('the task of a form', () => {
  it('is solved in the background, and a submit waits for it', async () => {
    const relay = fakeRelay('202', 'work')
    const form = renderForm(relay)
    // The task takes as long as it takes on this machine.
    const waits: number[] = []
    const wait = (ms: number) => new Promise<void>(() => void waits.push(ms))
    form.element.globals = { ...form.element.globals, wait }

    await userEvent.click(form.find('input'))
    form.button.click()
    await form.waitForState('sent')

    const { _challenge, _ticket } = fieldsOf((await relay.requests())[0])
    const altcha = createAltcha({ keys: [WORK_KEY], now: Date.now })
    expect(await altcha.check(_challenge!, 'widget', PAGE, () => true)).toMatchObject({ ok: true })
    expect(_ticket).toBe('ticket-1')
  })

  it('does not keep back the form of a visitor who leaves the page', async () => {
    const relay = fakeRelay('202', 'hard')
    const form = renderForm(relay)
    form.element.globals = { ...form.element.globals, wait: () => new Promise(() => {}) }
    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)

    form.button.click()
    await form.waitForState('sending')
    expect(await relay.requests()).toEqual([])
    dispatchEvent(new Event('pagehide'))
    await form.waitForState('sent')

    expect(await relay.requests()).toHaveLength(1)
  })

  it('that is not solved within 8 seconds does not keep the form back', async () => {
    const relay = fakeRelay('202', 'hard')
    const form = renderForm(relay)

    await userEvent.click(form.find('input'))
    await gotTicket(form, 1)
    form.button.click()
    await form.waitForState('sent')

    expect(form.pauses).toEqual([8000])
    const fields = fieldsOf((await relay.requests())[0])
    expect(fields._ticket).toBe('ticket-1')
    expect(fields).not.toHaveProperty('_challenge')
  })
})
