/**
 * `listMObjects`: lists the names of the objects that Marketo can describe. Takes no input and changes nothing. Source:
 * Marketo's page "listMObjects".
 */
import { childrenOf } from '../xml/reader.ts'
import { checkObject } from './check.ts'
import { SMALL_REPLY_BYTES, type Operation } from './operation.ts'

export const listMObjects: Operation<Readonly<Record<string, never>>, string[]> = {
  name: 'listMObjects',
  maxBytes: SMALL_REPLY_BYTES,
  check: (input, addIssue) => void checkObject(input, [], '', addIssue),
  write: () => '',
  read: (result) => childrenOf(result, 'objects').map(({ text }) => text.trim()),
}
