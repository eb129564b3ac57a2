/** `listMObjects`: the names of the objects that Marketo can describe. Asks nothing and changes nothing. */
import { childrenOf } from '../xml/reader.ts'
import { fieldsOf } from './check.ts'
import { SMALL_REPLY, type Operation } from './operation.ts'

export const listMObjects: Operation<Readonly<Record<string, never>>, string[]> = {
  name: 'listMObjects',
  maxBytes: SMALL_REPLY,
  check: (input, complain) => void fieldsOf(input, [], '', complain),
  write: () => '',
  read: (result) => childrenOf(result, 'objects').map(({ text }) => text.trim()),
}
