/** What a screen reader finds in the accessibility tree in each state: live regions with their texts, fields, descriptions. */
import axe from 'axe-core'
import { expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import { fakeRelay, renderForm } from '../../support/widget-page.ts'

interface AXNode {
  nodeId: string
  ignored: boolean
  role?: { value: string }
  name?: { value: string }
  description?: { value: string }
  properties?: { name: string; value: { value: unknown } }[]
  childIds?: string[]
}

interface Frame {
  frame: { id: string; url: string }
  childFrames?: Frame[]
}

const FIELDS = '<label>E-mail <input name=Email value=zoe@harbour.example></label><button>Send request</button>'

/** Returns the accessibility tree of the frame in which the tests run, as Chromium gives it to screen readers. */
async function readTree(): Promise<AXNode[]> {
  const { frameTree } = (await cdp().send('Page.getFrameTree')) as { frameTree: Frame }
  const frames = (frame: Frame): Frame[] => [frame, ...(frame.childFrames ?? []).flatMap(frames)]
  const own = frames(frameTree).find(({ frame }) => frame.url === location.href)!
  const { nodes } = (await cdp().send('Accessibility.getFullAXTree', { frameId: own.frame.id })) as { nodes: AXNode[] }
  return nodes
}

/** Returns the texts in the node, in order. */
function textsIn(nodes: AXNode[], node: AXNode): string[] {
  const own = node.role?.value === 'StaticText' && !node.ignored ? [node.name!.value.trim()] : []
  const children = (node.childIds ?? [])
    .map((id) => nodes.find(({ nodeId }) => nodeId === id))
    .filter((child) => !!child)
  return [...own, ...children.flatMap((child) => textsIn(nodes, child))].filter((text) => text !== '')
}

const valueOf = (node: AXNode, name: string) => node.properties?.find((each) => each.name === name)?.value.value

/** Returns the live regions with their texts, and the field with what is said of it. */
async function announced() {
  const nodes = await readTree()
  const regions = nodes.filter((node) => !node.ignored && ['alert', 'status'].includes(node.role?.value ?? ''))
  const field = nodes.find((node) => node.role?.value === 'textbox')
  return {
    live: regions
      .map((node) => [valueOf(node, 'live'), textsIn(nodes, node).join(' | ')])
      .filter(([, texts]) => texts !== ''),
    field: field && [field.name?.value.trim(), field.description?.value ?? '', valueOf(field, 'invalid')],
  }
}

const FIELD = ['E-mail', '', 'false']

it.each([
  ['idle', '202', [], FIELD],
  ['sending', 'held', [['polite', 'Sending…']], FIELD],
  ['sent', '202', [['polite', 'Thank you. Your form has been sent.']], undefined],
  [
    'failed',
    '404',
    [['assertive', 'Your form could not be sent. What you filled in is still here. | Try again']],
    FIELD,
  ],
  ['failed', '422:Email', [['assertive', 'There is a problem | Fill in Email']], ['E-mail', 'Fill in Email', 'true']],
] as const)(
  'in the state %s, with the reply %s, a screen reader is told what has changed and no more',
  async (state, reply, live, field) => {
    const relay = fakeRelay(reply)
    const { button, waitForState } = renderForm(relay, FIELDS)
    const before = await announced()
    if (state !== 'idle') button.click()
    await waitForState(state)

    const after = await announced()

    expect(before).toEqual({ live: [], field: FIELD })
    expect(after).toEqual({ live, field })
    await relay.release()
  },
)

it.each(['light', 'dark'])(
  'axe finds no violation while a challenge is solved, in the colour scheme %s',
  async (scheme) => {
    document.documentElement.lang = 'en'
    document.title = 'Request a pilot'
    const relay = fakeRelay('202', 'held')
    const { element, button, find, waitForState } = renderForm(relay, FIELDS, 'theme=plain')
    document.body.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`
    document.querySelector('main')!.insertAdjacentHTML('afterbegin', '<h1>Request a pilot</h1>')
    find('input').focus()
    element.globals = { ...element.globals, wait: () => new Promise(() => {}) }
    button.click()
    await waitForState('sending')

    const { violations } = await axe.run(document)

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    await relay.releaseTicket()
  },
)
