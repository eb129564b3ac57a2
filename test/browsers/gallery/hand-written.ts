/** Forms that people write by hand, with what HTML allows and few programs emit. */
import type { FormCase } from './form-case.ts'

export const HAND_WRITTEN: FormCase[] = [
  {
    name: 'a table of 2004',
    html: `<TABLE BORDER=0><FORM ACTION="{action}" METHOD=POST NAME=f><TR><TD>Name:<TD><INPUT NAME=realname SIZE=30><TR><TD>Mail<TD><INPUT NAME=email><INPUT TYPE=HIDDEN NAME=recipient VALUE="sales@acme.example"><TR><TD COLSPAN=2><INPUT TYPE=SUBMIT VALUE=Send></FORM></TABLE>`,
    type: { '[name=realname]': 'Zoë', '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'an image that submits',
    html: `<form method=post action="{action}"><input name=email><input type=image name=go alt=Send width=40 height=20 src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
    press: '[type=image]',
  },
  {
    name: 'controls outside the form',
    html: `<input form=far name=before value=1><form id=far method=post action="{action}"><input name=email></form><input form=far name=after><button form=far name=do value=send>Send</button>`,
    type: { '[name=email]': 'zoe@harbour.example', '[name=after]': '2' },
    press: 'button',
  },
  {
    name: 'two buttons, one with an address',
    html: `<form method=get action="/search"><input name=email><button name=do value=search>Search</button><button id=send formmethod=post formaction="{action}" name=do value=send>Send</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
    press: '#send',
  },
  {
    name: 'a text of many lines, as it wraps',
    html: `<form method=post action="{action}"><textarea name=soft cols=12 rows=3>one two three four five</textarea><textarea name=kept>a
b</textarea><button>Send</button></form>`,
    type: { '[name=kept]': 'x' },
  },
  {
    name: 'an element that is a control by itself',
    html: `<script>customElements.define('tide-gauge', class extends HTMLElement { static formAssociated = true; constructor() { super(); this.attachInternals().setFormValue(this.getAttribute('level')) } })</script><form method=post action="{action}"><input name=email><tide-gauge name=gauge level="3.20"></tide-gauge><button>Send</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'a script that writes when the data is read',
    html: `<form method=post action="{action}"><input name=email><button>Send</button></form><script>document.querySelector('form').addEventListener('formdata', ({ formData }) => { formData.append('extra', 'late'); formData.delete('none') })</script>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'a disabled group with a legend',
    html: `<form method=post action="{action}"><fieldset disabled><legend><input name=inside value=1></legend><input name=off value=2></fieldset><input name=gone value=3 disabled><input name=email><button>Send</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'names that hide the form’s own',
    html: `<form method=post action="{action}"><input name=action value=a><input name=method value=b><input name=submit value=c><input name=elements value=d><input name=nodeName value=e><input name=requestSubmit value=f><input name=email><button>Send</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'every kind of input',
    html: `<form method=post action="{action}"><input type=date name=date value=2026-11-30><input type=time name=time value=09:30><input type=month name=month value=2026-11><input type=week name=week value=2026-W49><input type=datetime-local name=local value=2026-11-30T09:30><input type=number name=number value=1e3><input type=color name=colour value=#00ff00><input type=range name=range><input type=search name=search><input type=url name=url value="https://harbour.example/ä?b"><button>Send</button></form>`,
    type: { '[name=search]': 'quay' },
  },
  {
    name: 'text in other scripts, right to left',
    html: `<form method=post action="{action}" dir=rtl lang=ar><input name=name dirname=name.dir><input name="الاسم" value="ليلى"><input name=emoji value="👩‍👩‍👧‍👦 é é"><button>إرسال</button></form>`,
    type: { '[name=name]': 'שלום' },
  },
  {
    name: 'a button in a details element and a dialogue',
    html: `<dialog open><form method=post action="{action}"><details open><summary>More</summary><input name=more></details><output name=sum>7</output><object name=o></object><button><b>Send</b></button></form></dialog>`,
    type: { '[name=more]': 'yes' },
    press: 'b',
  },
]
