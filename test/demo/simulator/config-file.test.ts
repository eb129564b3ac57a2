import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfigFile } from '../../../demo/simulator/config-file.ts'
import { makeFolder } from '../../support/folder.ts'
import { openSimulator } from './simulator-client.ts'

/** Writes a file and returns its path. */
function write(text: string, name = 'marketo.json'): string {
  const file = join(makeFolder(), name)
  writeFileSync(file, text)
  return file
}

const COMPLETE = `{
  // An account of a boatyard.
  "fields": [
    { "name": "Email", "type": "email" },
    { "name": "Boat__c", "type": "string", "size": 10, "custom": true }, // its class
  ],
  "lists": ["Skippers"],
  "campaigns": [{ "id": 7, "name": "Welcome", "program": "Boats" }],
  "people": [{ "email": "ana@acme.example", "attributes": { "Boat__c": "Laser" } }],
  "workspaces": ["Europe"],
  "rules": [{ "attribute": "Boat__c", "value": "Laser", "partition": "Dinghies" }],
  "forms": [{ "id": 1, "name": "Boats", "status": "approved", "workspace": "Default", "fields": ["Email", "Boat__c"] }],
  "strict": true,
}`

describe('a configuration file', () => {
  it('sets fields, lists, campaigns, people, workspaces, rules, forms and strictness, and may have comments', async () => {
    const simulator = openSimulator(readConfigFile(write(COMPLETE)))
    const read = async (path: string): Promise<unknown> => (await simulator.app.request(path)).json()

    expect(await simulator.leads()).toMatchObject([{ id: 700001, attributes: { Boat__c: 'Laser' } }])
    expect(await read('/sim/lists')).toEqual([{ name: 'Skippers', members: [] }])
    expect(await read('/sim/campaigns')).toMatchObject([{ id: 7 }])
    expect(await read('/sim/workspaces')).toMatchObject({ workspaces: ['Europe'], rules: [{ partition: 'Dinghies' }] })
    expect(await read('/sim/forms')).toMatchObject([{ id: 1, fields: ['Email', 'Boat__c'] }])
    expect(await read('/sim/strict')).toEqual({ strict: true })
  })

  it('takes the fields of a forms file that it names', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'forms.json'), '{ "forms": { "a": { "fields": { "Boat__c": {} } } } }')
    writeFileSync(join(folder, 'marketo.json'), '{ "fieldsFrom": "forms.json" }')
    const simulator = openSimulator(readConfigFile(join(folder, 'marketo.json')))

    const answer = await simulator.sync({ email: 'ana@acme.example', attributes: { Boat__c: 'Laser' } })

    expect(answer.done).toBe('CREATED')
  })

  it.each([
    ['{\n  "lists": ["A"\n}', ':3: is not valid JSON: '],
    ['[]', ':1: must be a JSON object'],
    ['{\n  "list": []\n}', ':2: list is an unknown field; allowed are $schema, fields, fieldsFrom, lists, '],
    ['{\n"lists": 1\n}', ':2: lists must be a list of names; each may occur once'],
    [
      '{\n"fields": [\n{ "name": "Email", "type": "email" },\n{ "name": "A",\n"type": "colour" }]}',
      ':5: fields[1].type must be',
    ],
    ['{\n"people": [\n{}]}', ':3: people[0].email is required'],
    [
      '{\n"people": [{"email": "a@b.example",\n"attributes": {"Town": "Cork"}}]}',
      ':3: people[0].attributes.Town is not',
    ],
    ['{\n\n"strict": "yes"}', ':3: strict must be true or false'],
    ['{\n"workspaces": "all"}', ':2: workspaces must be "any", "off" or a list'],
    [
      '{\n"fieldsFrom": "none.json"}',
      ':2: fieldsFrom must be the path to a forms file or to an answer of Describe Lead',
    ],
    [
      '{"forms": [{"id": 1, "name": "A", "status": "draft", "workspace": "B", "fields": ["Boat__c"]}]}',
      ':1: forms must be',
    ],
  ])('that is wrong is refused with the line and what is allowed: %j', (text, expected) => {
    const file = write(text)

    expect(() => readConfigFile(file)).toThrow(`${file}${expected}`)
  })

  it('that is not there is refused with its name', () => {
    expect(() => readConfigFile('/nowhere/marketo.json')).toThrow(
      '/nowhere/marketo.json cannot be read (ENOENT); --config must name a JSON file',
    )
  })

  it('tells all its problems at once', () => {
    const file = write('{\n"lists": 1,\n"strict": 1\n}')

    expect(() => readConfigFile(file)).toThrow(/:2: lists .*\n.*:3: strict /)
  })
})
