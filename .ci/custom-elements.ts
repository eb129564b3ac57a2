/**
 * Writes `dist/types/custom-elements.json`, by which editors and documentation tools know `<form-sync>`: from the doc comment and
 * the public members of its class. `npm run build` runs it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Visitor, parseSync } from 'oxc-parser'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = 'widget/form-sync.ts'
const EVENT_TYPES: Record<string, string> = {
  'form-sync-sending': 'FormSyncSendingEvent',
  'form-sync-sent': 'FormSyncSentEvent',
  'form-sync-failed': 'FormSyncFailedEvent',
}
/** Members that are the business of the base class. */
const INHERITED = new Set(['constructor', 'connectedCallback', 'disconnectedCallback'])

interface Described {
  name: string
  description: string
}

interface Member extends Described {
  kind: 'field' | 'method'
  type?: { text: string }
}

/** Returns the manifest of the element (schema version 1.0.0). */
export function customElements(source: string): object {
  const { program, comments } = parseSync(SOURCE, source)
  /** Returns the doc comment that ends before an offset. */
  const commentBefore = (offset: number): string => {
    const comment = comments.findLast(({ end }) => end <= offset)
    if (!comment?.value.startsWith('*') || source.slice(comment.end, offset).trim() !== '') return ''
    return comment.value.replace(/^ *\* ?/gm, '').trim()
  }
  const members: Member[] = []
  let doc = ''
  new Visitor({
    ExportNamedDeclaration({ declaration, start }) {
      if (declaration?.type !== 'ClassDeclaration' || declaration.id?.name !== 'FormSync') return
      doc = commentBefore(start)
      for (const member of declaration.body.body) {
        if (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition') continue
        const { key, accessibility } = member
        const text = commentBefore(member.start)
        const isOwn =
          key.type === 'Identifier' && !member.static && !member.override && (accessibility ?? 'public') === 'public'
        if (!isOwn || INHERITED.has(key.name) || text.includes('@internal')) continue
        const isMethod = member.type === 'MethodDefinition' && member.kind === 'method'
        const annotation = 'typeAnnotation' in member ? member.typeAnnotation : undefined
        const type = annotation && source.slice(annotation.start, annotation.end).replace(/^:\s*/, '')
        members.push({
          kind: isMethod ? 'method' : 'field',
          name: key.name,
          description: text.replaceAll(/\s+/g, ' '),
          ...(type && { type: { text: type } }),
        })
      }
    },
  }).visit(program)

  const listed = (tag: string): Described[] =>
    Array.from(doc.matchAll(new RegExp(`^@${tag} (\\S*) ?- (.*)`, 'gm')), ([, name = '', description = '']) => ({
      name: name === '-' ? '' : name,
      description,
    }))
  const declaration = {
    kind: 'class',
    name: 'FormSync',
    tagName: 'form-sync',
    customElement: true,
    description: doc.replace(/\n\n[^]*/, '').replaceAll('\n', ' '),
    superclass: { name: 'ReactiveElement', package: '@lit/reactive-element' },
    attributes: listed('attr'),
    members,
    events: listed('fires').map((event) => ({ ...event, type: { text: EVENT_TYPES[event.name] ?? 'Event' } })),
    slots: listed('slot'),
    cssParts: listed('csspart'),
    cssProperties: listed('cssprop'),
  }
  const exported = { kind: 'custom-element-definition', name: 'form-sync', declaration: { name: 'FormSync' } }
  const module = {
    kind: 'javascript-module',
    path: 'dist/bundler/index.js',
    declarations: [declaration],
    exports: [exported],
  }
  return { schemaVersion: '1.0.0', modules: [module] }
}

if (import.meta.main) {
  const manifest = customElements(readFileSync(join(ROOT, SOURCE), 'utf8'))
  mkdirSync(join(ROOT, 'dist/types'), { recursive: true })
  writeFileSync(join(ROOT, 'dist/types/custom-elements.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
