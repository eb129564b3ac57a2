/** Forms as frameworks of servers and of pages write them. */
import type { FormCase } from './form-case.ts'

export const FRAMEWORKS: FormCase[] = [
  {
    name: 'Ruby on Rails',
    html: `<form class="new_lead" id="new_lead" action="{action}" accept-charset="UTF-8" method="post"><input name="utf8" type="hidden" value="&#x2713;"><input type="hidden" name="authenticity_token" value="a+b/c==" autocomplete="off"><div class="field"><label for="lead_email">Email</label><input type="email" name="lead[email]" id="lead_email"></div><input name="lead[terms]" type="hidden" value="0" autocomplete="off"><input type="checkbox" value="1" name="lead[terms]" id="lead_terms"><input type="hidden" name="lead[topic_ids][]" value=""><select name="lead[topic_ids][]" id="t" multiple><option value="1">a</option><option value="2" selected>b</option></select><textarea name="lead[note]" id="note">
first</textarea><input type="submit" name="commit" value="Create Lead" data-disable-with="Create Lead"></form>`,
    type: { '#lead_email': 'zoe@harbour.example' },
    tick: ['#lead_terms'],
  },
  {
    name: 'Django',
    html: `<form method="post" action="{action}"><input type="hidden" name="csrfmiddlewaretoken" value="x9"><p><label for="id_subject">Subject:</label> <input type="text" name="subject" maxlength="100" required id="id_subject"></p><p><input type="email" name="sender" required id="id_sender"></p><div id="id_color"><div><label for="id_color_0"><input type="checkbox" name="color" value="red" id="id_color_0"> Red</label></div><div><label for="id_color_1"><input type="checkbox" name="color" value="blue" id="id_color_1" checked> Blue</label></div></div><p><select name="day_month" id="id_day_month"><option value="">---</option><option value="1" selected>January</option></select><select name="day_year" id="id_day_year"><option value="2026">2026</option></select></p><input type="submit" value="OK"></form>`,
    type: { '#id_subject': 'Pilot', '#id_sender': 'zoe@harbour.example' },
    tick: ['#id_color_0'],
  },
  {
    name: 'Laravel',
    html: `<form method="POST" action="{action}"><input type="hidden" name="_token" value="q1" autocomplete="off"><input type="hidden" name="_method" value="PUT"><input type="text" name="lead[0][name]" value="A"><input type="text" name="lead[1][name]" id="second" value=""><input type="email" name="email" id="email" value="" required autofocus><button type="submit" class="btn btn-primary">Send</button></form>`,
    type: { '#second': 'B', '#email': 'zoe@harbour.example' },
  },
  {
    name: 'ASP.NET MVC',
    html: `<form action="{action}" method="post"><input name="__RequestVerificationToken" type="hidden" value="r"><div class="editor-field"><input class="text-box single-line" data-val="true" data-val-required="The Email field is required." id="Email" name="Email" type="email" value=""><span class="field-validation-valid" data-valmsg-for="Email" data-valmsg-replace="true"></span></div><input data-val="true" id="Subscribe" name="Subscribe" type="checkbox" value="true"><input name="Subscribe" type="hidden" value="false"><input id="Items_0__Id" name="Items[0].Id" type="hidden" value="7"><input type="submit" value="Create" class="btn btn-default"></form>`,
    type: { '#Email': 'zoe@harbour.example' },
    tick: ['#Subscribe'],
  },
  {
    name: 'ASP.NET Web Forms',
    html: `<form method="post" action="{action}" id="form1"><div class="aspNetHidden"><input type="hidden" name="__EVENTTARGET" id="__EVENTTARGET" value=""><input type="hidden" name="__EVENTARGUMENT" value=""><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="/wEPDwUKLTM0==+/"></div><span id="body">Page</span><input name="ctl00$Main$txtEmail" type="text" id="ctl00_Main_txtEmail"><select name="ctl00$Main$ddl" id="ddl"><option selected="selected" value="1">One</option></select><table id="rbl"><tr><td><input id="rbl_0" type="radio" name="ctl00$Main$rbl" value="a"><label for="rbl_0">a</label></td></tr></table><input type="submit" name="ctl00$Main$btnBack" value="Back" id="back"><input type="submit" name="ctl00$Main$btnSend" value="Send" id="send"></form>`,
    type: { '#ctl00_Main_txtEmail': 'zoe@harbour.example' },
    tick: ['#rbl_0'],
    press: '#send',
  },
  {
    name: 'Symfony',
    html: `<form name="contact" method="post" action="{action}"><div id="contact"><div><label for="contact_email" class="required">Email</label><input type="email" id="contact_email" name="contact[email]" required="required"></div><div id="contact_topics"><input type="checkbox" id="contact_topics_0" name="contact[topics][]" value="0"><label for="contact_topics_0">Tides</label></div><div><select id="contact_when_month" name="contact[when][month]"><option value="1">Jan</option></select></div><div><button type="submit" id="contact_save" name="contact[save]">Save</button></div><input type="hidden" id="contact__token" name="contact[_token]" value="c.s-r"></div></form>`,
    type: { '#contact_email': 'zoe@harbour.example' },
    tick: ['label[for=contact_topics_0]'],
  },
  {
    name: 'Spring MVC',
    html: `<form id="lead" action="{action}" method="post"><label for="firstName">First</label><input id="firstName" name="firstName" type="text" value=""><input id="receiveNewsletter1" name="receiveNewsletter" type="checkbox" value="true"><input type="hidden" name="_receiveNewsletter" value="on"><input type="password" name="pin" id="pin"><input type="hidden" name="_csrf" value="d-1"><button>Go</button></form>`,
    type: { '#firstName': 'Zoë', '#pin': '4711' },
    tick: ['#receiveNewsletter1'],
    heldBack: ['pin'],
  },
  {
    name: 'Jakarta Faces',
    html: `<form id="j_idt5" name="j_idt5" method="post" action="{action}" enctype="application/x-www-form-urlencoded"><input type="hidden" name="j_idt5" value="j_idt5"><input type="text" name="j_idt5:email" id="j_idt5:email"><input type="checkbox" name="j_idt5:box" id="box"><input type="submit" name="j_idt5:j_idt8" value="Send"><input type="hidden" name="jakarta.faces.ViewState" id="vs" value="-1:-2" autocomplete="off"></form>`,
    type: { '[name="j_idt5:email"]': 'zoe@harbour.example' },
    tick: ['#box'],
  },
  {
    name: 'Apache Wicket',
    html: `<form wicket:id="form" id="form1" method="post" action="{action}"><div style="width:0;height:0;position:absolute;left:-100px;top:-100px;overflow:hidden"><input type="submit" tabindex="-1" name="hidden-submit" value="x"></div><input type="text" name="p::email" id="em"><input type="submit" name="p::send" id="send" value="Send"></form>`,
    type: { '#em': 'zoe@harbour.example' },
    press: '#send',
  },
  {
    name: 'Phoenix',
    html: `<form action="{action}" method="post" phx-change="validate"><input name="_csrf_token" type="hidden" hidden value="P0"><div phx-feedback-for="lead[email]"><input type="email" name="lead[email]" id="lead_email" value="" class="mt-2"></div><input type="hidden" name="lead[ok]" value="false"><input type="checkbox" id="ok" name="lead[ok]" value="true"><button class="phx-submit-loading:opacity-75">Save</button></form>`,
    type: { '#lead_email': 'zoe@harbour.example' },
    tick: ['#ok'],
  },
  {
    name: 'CakePHP',
    html: `<form enctype="multipart/form-data" method="post" accept-charset="utf-8" action="{action}"><div style="display:none"><input type="hidden" name="_csrfToken" autocomplete="off" value="k=="></div><div class="input text"><input type="text" name="name" id="name" maxlength="255"></div><div class="input select"><input type="hidden" name="tags[_ids]" value=""><select name="tags[_ids][]" multiple id="tags"><option value="1" selected>one</option><option value="2" selected>two</option></select></div><div class="submit"><input type="submit" value="Send"></div><div style="display:none"><input type="hidden" name="_Token[fields]" value="a%3Ab"></div></form>`,
    type: { '#name': 'Zoë + Ben' },
  },
  {
    name: 'React server action',
    html: `<form action="{action}" enctype="multipart/form-data" method="post"><!--$--><input type="hidden" name="$ACTION_ID_7f" value=""><input type="hidden" name="$ACTION_1:0" value='{"id":"7f","bound":"$@1"}'><input name="email" type="email" id=":r1:"><input type="checkbox" name="ok" id=":r2:"><!--/$--><button type="submit">Send<!-- --> <!-- -->now</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
    tick: ['[name=ok]'],
  },
  {
    name: 'SvelteKit',
    html: `<form method="POST" action="{action}" class="s-y_bCXRrkrYfP"><label class="s-1">E-mail <input name="email" type="email" autocomplete="email" class="s-1"></label><!----><button class="s-1" formaction="{action}">Save</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'Angular',
    html: `<app-contact _nghost-abc ng-version="20"><form _ngcontent-abc novalidate class="ng-untouched ng-pristine ng-invalid" method="post" action="{action}"><mat-form-field><div class="mat-mdc-text-field-wrapper mdc-text-field"><input _ngcontent-abc matinput formcontrolname="email" name="email" class="mat-mdc-input-element ng-untouched" id="mat-input-0" aria-invalid="false" aria-required="false"></div></mat-form-field><input formcontrolname="unnamed"><mat-checkbox><input type="checkbox" class="mdc-checkbox__native-control" id="mat-checkbox-1-input" tabindex="0" name="news"></mat-checkbox><button _ngcontent-abc mat-raised-button class="mdc-button"><span class="mdc-button__label">Send</span></button></form></app-contact>`,
    type: { '#mat-input-0': 'zoe@harbour.example' },
    tick: ['#mat-checkbox-1-input'],
  },
  {
    name: 'Bootstrap 5',
    html: `<form class="row g-3 needs-validation" novalidate method="post" action="{action}"><div class="form-floating"><input type="email" class="form-control" id="floatingInput" placeholder="name@example.com" name="email"><label for="floatingInput">Email address</label></div><div class="input-group mb-3"><span class="input-group-text">@</span><input type="text" class="form-control" name="handle" aria-label="Username"><button class="btn btn-outline-secondary" type="button">Check</button></div><div class="form-check form-switch"><input class="form-check-input" type="checkbox" role="switch" id="sw" name="switch"><label class="form-check-label" for="sw">Switch</label></div><div class="btn-group" role="group"><input type="radio" class="btn-check" name="size" id="o1" value="s" autocomplete="off" checked><label class="btn" for="o1">S</label><input type="radio" class="btn-check" name="size" id="o2" value="l" autocomplete="off"><label class="btn" for="o2">L</label></div><input type="range" class="form-range" name="fleet" min="0" max="5" step="0.5" value="2.5"><button class="btn btn-primary" type="submit">Submit form</button></form>`,
    type: { '#floatingInput': 'zoe@harbour.example', '[name=handle]': 'zoe' },
    tick: ['label[for=sw]', 'label[for=o2]'],
    press: '[type=submit]',
  },
  {
    name: 'htmx',
    html: `<form hx-boost="false" method="post" action="{action}" hx-indicator="#spinner"><input type="email" name="email"><input type="hidden" name="empty" value=""><div id="spinner" class="htmx-indicator"></div><button name="intent" value="lead">Send</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example' },
  },
]
