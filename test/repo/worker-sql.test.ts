import { describe, expect, it } from 'vitest'
import { collapseSql } from '../../vite.config.ts'

describe('the SQL in the script of the Worker', () => {
  it.each([
    ['has its layout taken out', '`SELECT a,\n    b\n  FROM t`', '`SELECT a, b FROM t`'],
    ['keeps a line break within quotes', "`SELECT 'a\n  b'\n  FROM t`", "`SELECT 'a\n  b' FROM t`"],
    ['keeps a line break within a quoted name', '`SELECT "a\n  b"\n  FROM t`', '`SELECT "a\n  b" FROM t`'],
    ['keeps quotes around an expression', "`SELECT '${a}\n  b',\n  c`", "`SELECT '${a}\n  b', c`"],
    ['keeps the lines of a text with a comment', '`SELECT a -- why\n  FROM t`', '`SELECT a -- why\n  FROM t`'],
    ['may be in an expression of another one', '`a\n  ${[\n  `b\n  c`].at(0)}\n  d`', '`a ${[\n  `b c`].at(0)} d`'],
    ['is told from code and other strings', "if (a)\n  b('c\\n  d')", "if (a)\n  b('c\\n  d')"],
  ])('%s', (_, code, collapsed) => {
    expect(collapseSql(code)).toBe(collapsed)
  })
})
