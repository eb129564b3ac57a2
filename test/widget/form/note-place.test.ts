import { describe, expect, it } from 'vitest'
import { anchorOf } from '../../../widget/form/note-place.ts'

/** The rules by which CSS frameworks lay out a row of a field and its additions, and a label that floats on its field. */
const STYLES = `<style>
  .input-group, .row { display: flex }
  .form-floating { position: relative }
  .form-floating > label { position: absolute; inset: 0 }
  .two { display: grid; grid-template-columns: 1fr 2fr }
  .stack { display: flex; flex-direction: column }
  .one { display: grid }
</style>`

describe('a message at a field follows', () => {
  it.each([
    [
      'the input group, not a part of it',
      '<div id=is class=input-group><span>@</span><input name=x><button>Go</button></div>',
    ],
    [
      'the box of a floating label',
      '<div id=is class=form-floating><input id=x name=x placeholder=x><label for=x>X</label></div>',
    ],
    [
      'the input group around a floating label',
      '<div id=is class=input-group><div class=form-floating><input id=x name=x><label for=x>X</label></div></div>',
    ],
    [
      'label and field of a grid with two columns',
      '<div id=is class=two><label for=x>X</label><input id=x name=x></div>',
    ],
    ['the field in a cell of a table', '<table><tr><td>X<td><input id=is name=x><td></table>'],
    ['the field in a row of several', '<div class=row><input id=is name=x><input name=y></div>'],
    ['the field in a column', '<div class=stack><input id=is name=x></div>'],
    ['the field in a grid with one column', '<div class=one><input id=is name=x></div>'],
    [
      'the field in the column of a row',
      '<div class=row><div class=stack><input id=is name=x></div><input name=y></div>',
    ],
    [
      'boxes of one name in a row',
      '<div id=is class=row><input type=checkbox name=x><input type=checkbox name=x></div>',
    ],
    [
      'the select that Choices.js shows',
      '<div id=is class=choices><div class=choices__inner><select name=x hidden></select></div></div>',
    ],
    ['the select that Select2 shows', '<select name=x></select><span id=is class="select2 select2-container"></span>'],
    ['the select that Tom Select shows', '<select name=x></select><div id=is class="ts-wrapper single"></div>'],
    ['the form, where that is one row', '<form id=is class=row><input name=x><button>Go</button></form>'],
  ])('%s', (_, content) => {
    document.body.innerHTML = `${STYLES}<main>${content}</main>`

    expect(anchorOf(document.querySelector('[name=x]')!).id).toBe('is')
  })
})
