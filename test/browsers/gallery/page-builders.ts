/** Forms of builders of landing pages and of programs for marketing. */
import type { FormCase } from './form-case.ts'

export const PAGE_BUILDERS: FormCase[] = [
  {
    name: 'Unbounce',
    html: `<div class="lp-element lp-pom-form"><form action="{action}" method="POST"><input type="hidden" name="pageId" value="0b1c"><input type="hidden" name="pageVariant" value="a"><fieldset class="clearfix" style="border:0">
      <div class="lp-pom-form-field email"><label for="email" class="main lp-form-label">E-mail</label><input type="email" id="email" name="email" class="ub-input-item text form_elem_email" required pattern="^[^ @]+@[^ @]+$"></div>
      <div class="lp-pom-form-field checkbox-group"><div class="optionsList"><input id="topics_tides" name="topics" type="checkbox" value="Tides" class="ub-input-item"><label for="topics_tides">Tides</label><input id="topics_currents" name="topics" type="checkbox" value="Currents"><label for="topics_currents">Currents</label></div></div></fieldset>
      <button class="lp-element lp-pom-button" type="submit"><span class="label">Get the guide</span></button></form></div>`,
    type: { '#email': 'zoe@harbour.example' },
    tick: ['#topics_currents'],
  },
  {
    name: 'Instapage',
    html: `<form action="{action}" method="post" class="email-form" id="form-24"><div><input type="text" name="Rmlyc3QgTmFtZQ==" class="shortnice form-input" placeholder="First Name"><input type="email" name="RW1haWw=" class="form-input" placeholder="Email*" required></div><input type="hidden" name="thank-you-message" value="Thank you!"><input type="hidden" name="redirect" value=""><button type="submit" class="btn form-btn">Send &amp; go</button></form>`,
    type: { '[name="Rmlyc3QgTmFtZQ=="]': 'Zoë', '[name="RW1haWw="]': 'zoe@harbour.example' },
  },
  {
    name: 'Leadpages',
    html: `<form class="form-input-lead" method="post" action="{action}" novalidate><input name="email" type="email" placeholder="Email"><input name="phone" type="tel"><label><input type="checkbox" name="consent" value="I agree"> I agree</label><div style="display:none"><input type="text" name="company_website_hp" tabindex="-1"></div><a role="button" href="#" tabindex="-1"></a><button type="submit">Sign up</button></form>`,
    type: { '[name=email]': 'zoe@harbour.example', '[name=phone]': '+44 1632 960000' },
    tick: ['label'],
  },
  {
    name: 'Webflow',
    html: `<div class="w-form"><form id="email-form" name="email-form" data-name="Email Form" method="post" action="{action}" class="form"><label for="name">Name</label><input class="w-input" maxlength="256" name="name" data-name="Name" type="text" id="name"><input class="w-input" name="email" data-name="Email" type="email" id="email" required><label class="w-checkbox"><div class="w-checkbox-input w-checkbox-input--inputType-custom"></div><input type="checkbox" name="checkbox" id="checkbox" data-name="Checkbox" style="opacity:0;position:absolute"><span class="w-form-label" for="checkbox">Newsletter</span></label><select id="field" name="field" class="w-select"><option value="">Select one</option><option value="First">First choice</option></select><input type="submit" value="Submit" data-wait="Please wait" class="w-button"></form><div class="w-form-done" style="display:none">Thank you!</div></div>`,
    type: { '#name': 'Zoë Marsh', '#email': 'zoe@harbour.example' },
    tick: ['.w-form-label'],
    script: `document.querySelector('#field').value = 'First'`,
  },
  {
    name: 'Squarespace',
    html: `<form class="form-block react-form-contents" action="{action}" method="POST" novalidate autocomplete="on"><fieldset class="form-item fields name"><legend>Name</legend><label>First Name <input class="field-element" name="fname" type="text"></label><label>Last Name <input name="lname" type="text"></label></fieldset><input type="email" name="email" class="field-element"><fieldset><input type="text" name="phone-country" value="" hidden><input type="number" name="SQF_BUDGET" value="20"></fieldset><textarea name="textarea-yui_3_17_2" class="field-element"></textarea><input type="submit" class="button sqs-system-button" value="Submit"></form>`,
    type: {
      '[name=fname]': 'Zoë',
      '[name=lname]': "O'Brien",
      '[name=email]': 'zoe@harbour.example',
      textarea: 'Hello',
    },
  },
  {
    name: 'Wix',
    html: `<form class="JVi7i2" method="post" action="{action}"><div class="MpKiNN"><label class="wPeA6j" for="input_comp-l1">First name</label><div class="pUnTVX"><input id="input_comp-l1" name="first-name" class="KvoMHf has-custom-focus wixui-text-input__input" type="text" maxlength="100" autocomplete="off"></div></div><input name="email" type="email" pattern="^.+@.+$"><input type="text" name="date" readonly value="2026-11-30"><label><input type="checkbox" class="sr-only" aria-checked="false"><span>no name</span></label><button type="submit" aria-disabled="false"><span class="l7_2fn">Submit</span></button></form>`,
    type: { '#input_comp-l1': 'Zoë', '[name=email]': 'zoe@harbour.example' },
  },
  {
    name: 'Elementor',
    html: `<form class="elementor-form" method="post" name="New Form" action="{action}"><input type="hidden" name="post_id" value="42"><input type="hidden" name="form_id" value="a1b2c3"><input type="hidden" name="referer_title" value="Pricing &#8211; Acme"><div class="elementor-form-fields-wrapper"><input size="1" type="text" name="form_fields[name]" id="form-field-name"><input size="1" type="email" name="form_fields[email]" id="form-field-email" required aria-required="true"><div class="elementor-field-subgroup"><span><input type="checkbox" value="Tides" id="t-0" name="form_fields[topics][]"><label for="t-0">Tides</label></span><span><input type="checkbox" value="Ports" id="t-1" name="form_fields[topics][]"><label for="t-1">Ports</label></span></div><textarea class="elementor-field-textual" name="form_fields[message]" rows="4"></textarea></div><button type="submit" class="elementor-button"><span class="elementor-button-content-wrapper"><span class="elementor-button-text">Send</span></span></button></form>`,
    type: { '#form-field-name': 'Zoë', '#form-field-email': 'zoe@harbour.example', textarea: 'One line' },
    tick: ['#t-0', '#t-1'],
  },
  {
    name: 'Divi',
    html: `<form class="et_pb_contact_form clearfix" method="post" action="{action}"><p class="et_pb_contact_field" data-id="name" data-type="input"><label for="c0" class="et_pb_contact_form_label">Name</label><input type="text" id="c0" class="input" name="et_pb_contact_name_0" data-required_mark="required" placeholder="Name"></p><p><input type="text" name="et_pb_contact_email_0"></p><input type="hidden" value="et_contact_proccess" name="et_pb_contactform_submit_0"><input type="text" value="" name="et_pb_contactform_validate_0" class="et_pb_contactform_validate_field" style="display:none"><div class="et_contact_bottom_container"><div class="et_pb_contact_right"><p class="clearfix"><span class="et_pb_contact_captcha_question">7 + 3</span> = <input type="text" size="2" name="et_pb_contact_captcha_0"></p></div><button type="submit" name="et_builder_submit_button" class="et_pb_contact_submit et_pb_button">Submit</button></div><input type="hidden" id="_wpnonce-et" name="_wpnonce-et-pb-contact-form-submitted-0" value="3a"></form>`,
    type: {
      '#c0': 'Zoë',
      '[name=et_pb_contact_email_0]': 'zoe@harbour.example',
      '[name=et_pb_contact_captcha_0]': '10',
    },
  },
  {
    name: 'HubSpot',
    html: `<form id="hsForm_1" class="hs-form-private hsForm_1 hs-form stacked" target="_self" method="POST" accept-charset="UTF-8" enctype="multipart/form-data" novalidate action="{action}" data-form-id="1"><div class="hs_email hs-email hs-fieldtype-text field hs-form-field"><label id="label-email" for="email-1"><span>Email</span><span class="hs-form-required">*</span></label><div class="input"><input id="email-1" name="email" required type="email" class="hs-input" inputmode="email" autocomplete="email" value=""></div></div><div class="legal-consent-container"><ul class="inputs-list" required><li class="hs-form-booleancheckbox"><label class="hs-form-booleancheckbox-display"><input class="hs-input" type="checkbox" name="LEGAL_CONSENT.subscription_type_1" value="true"><span>I agree</span></label></li></ul></div><input name="hs_context" type="hidden" value="{&quot;embedAtTimestamp&quot;:&quot;1764000000000&quot;,&quot;pageTitle&quot;:&quot;Zoë’s&quot;}"><div class="hs_submit hs-submit"><div class="actions"><input type="submit" class="hs-button primary large" value="Submit"></div></div></form>`,
    type: { '#email-1': 'zoe@harbour.example' },
    tick: ['.hs-form-booleancheckbox-display span'],
  },
  {
    name: 'Pardot form handler',
    html: `<form accept-charset="UTF-8" method="post" action="{action}" class="form" id="pardot-form"><p class="form-field email pd-text required"><label class="field-label" for="1_pi_email">Email</label><input type="text" name="101_201pi_101_201" id="1_pi_email" value="" class="text" maxlength="255" onfocus=""></p><p class="form-field pd-radio"><span class="value"><span><input type="radio" name="101_203pi_101_203" id="r1" value="11"><label class="inline" for="r1">Small</label></span><span><input type="radio" name="101_203pi_101_203" id="r2" value="12"><label for="r2">Large</label></span></span></p><p style="position:absolute;width:190px;left:-9999px;top:-9999px;visibility:hidden"><label for="pi_extra_field">Comments</label><input type="text" name="pi_extra_field" id="pi_extra_field"></p><input name="_utf8" type="hidden" value="&#9731;"><p class="submit"><input type="submit" accesskey="s" value="Download"></p><input type="hidden" name="hiddenDependentFields" id="hiddenDependentFields" value=""></form>`,
    type: { '[id="1_pi_email"]': 'zoe@harbour.example' },
    tick: ['#r2'],
  },
  {
    name: 'Mailchimp',
    html: `<div id="mc_embed_shell"><form action="{action}" method="post" id="mc-embedded-subscribe-form" name="mc-embedded-subscribe-form" class="validate" target="_self" novalidate><div class="mc-field-group"><label for="mce-EMAIL">Email Address <span class="asterisk">*</span></label><input type="email" name="EMAIL" class="required email" id="mce-EMAIL" value="" required></div><div class="mc-field-group size1of2"><input class="birthday" type="text" pattern="[0-9]*" placeholder="MM" size="2" maxlength="2" name="BIRTHDAY[month]" id="mce-BIRTHDAY-month"> / <input type="text" name="BIRTHDAY[day]" id="mce-BIRTHDAY-day"></div><ul><li><input type="checkbox" name="group[77][1]" id="g1" value=""><label for="g1">Monthly</label></li></ul><div hidden><input type="hidden" name="tags" value="1,2"></div><div aria-hidden="true" style="position:absolute;left:-5000px"><input type="text" name="b_1_2" tabindex="-1" value=""></div><input type="submit" name="subscribe" id="mc-embedded-subscribe" class="button" value="Subscribe"></form></div>`,
    type: { '#mce-EMAIL': 'zoe@harbour.example', '#mce-BIRTHDAY-month': '04', '#mce-BIRTHDAY-day': '09' },
    tick: ['#g1'],
  },
  {
    name: 'Marketo Forms 2.0',
    html: `<form id="mktoForm_1057" class="mktoForm mktoHasWidth mktoLayoutAbove" novalidate method="post" action="{action}" style="width:300px"><div class="mktoFormRow"><div class="mktoFieldDescriptor mktoFormCol"><label for="Email" id="LblEmail" class="mktoLabel mktoHasWidth"><div class="mktoAsterix">*</div>Email:</label><input id="Email" name="Email" maxlength="255" aria-labelledby="LblEmail InstructEmail" type="email" class="mktoField mktoEmailField mktoHasWidth mktoRequired" aria-required="true"><span id="InstructEmail" tabindex="-1" class="mktoInstruction"></span></div></div><div class="mktoFormRow"><select id="Country" name="Country" class="mktoField"><option value="">Select...</option><option value="Iceland">Iceland</option></select></div><div class="mktoLogicalField mktoCheckboxList"><input name="optIn" id="mktoCheckbox_1" type="checkbox" value="yes" class="mktoField"><label for="mktoCheckbox_1"></label></div><input type="hidden" name="formid" class="mktoField mktoFieldDescriptor" value="1057"><input type="hidden" name="munchkinId" value="123-ABC-456"><div class="mktoButtonRow"><span class="mktoButtonWrap mktoSimple"><button type="submit" class="mktoButton">Submit</button></span></div></form>`,
    type: { '#Email': 'zoe@harbour.example' },
    tick: ['#mktoCheckbox_1'],
    script: `document.querySelector('#Country').value = 'Iceland'`,
  },
  {
    name: 'Eloqua',
    html: `<form method="post" name="contactUs" action="{action}" id="form12" class="elq-form"><input value="contactUs" type="hidden" name="elqFormName"><input value="1318" type="hidden" name="elqSiteId"><input name="elqCampaignId" type="hidden"><div class="layout container-fluid"><div class="row"><div class="grid-layout-col"><div class="layout-col col-sm-12"><div id="formElement0" class="elq-field-style form-element-layout row"><label class="elq-label" for="fe91">Email Address</label><input type="text" class="elq-item-input" name="emailAddress" id="fe91" value=""></div></div></div></div></div><div><label class="checkbox-aligned elq-item-label"><input type="checkbox" name="singleCheckbox" id="fe92">Updates</label></div><select multiple class="elq-item-select" id="fe93" name="industries" size="3"><option value="Ports">Ports</option><option value="Ferries">Ferries</option><option value="Survey">Survey</option></select><input type="Submit" class="submit-button-style" value="Submit" id="fe94"></form>`,
    type: { '#fe91': 'zoe@harbour.example' },
    tick: ['#fe92'],
    script: `for (const option of document.querySelector('#fe93').options) option.selected = option.value !== 'Ferries'`,
  },
  {
    name: 'ActiveCampaign',
    html: `<form method="POST" action="{action}" id="_form_7_" class="_form _form_7 _inline-form _dark" novalidate data-styles-version="5"><input type="hidden" name="u" value="7"><input type="hidden" name="f" value="7"><input type="hidden" name="s"><input type="hidden" name="c" value="0"><input type="hidden" name="m" value="0"><input type="hidden" name="act" value="sub"><input type="hidden" name="v" value="2"><div class="_form-content"><div class="_form_element"><label for="email" class="_form-label">Email*</label><div class="_field-wrapper"><input type="text" id="email" name="email" placeholder="Type your email" required></div></div><div class="_form_element _x1"><fieldset class="_form-fieldset"><input data-autofill="false" type="hidden" name="field[3][]" value="~|"><div class="_row _checkbox-radio"><input id="field_3Tides" type="checkbox" name="field[3][]" value="Tides" class="any"><span><label for="field_3Tides">Tides</label></span></div></fieldset></div><div class="_button-wrapper _full_width"><button id="_form_7_submit" class="_submit" type="submit">Submit</button></div></div></form>`,
    type: { '#email': 'zoe@harbour.example' },
    tick: ['#field_3Tides'],
  },
  {
    name: 'Salesforce Web-to-Lead',
    html: `<form action="{action}" method="POST"><input type=hidden name="oid" value="00D000000000001"><input type=hidden name="retURL" value="https://www.acme.example/thanks?a=1&amp;b=2"><label for="first_name">First Name</label><input id="first_name" maxlength="40" name="first_name" size="20" type="text"><br><label for="email">Email</label><input id="email" maxlength="80" name="email" size="20" type="text"><br>Fleet:<select id="00N000000000001" multiple="multiple" name="00N000000000001" title="Fleet"><option value="Small">Small</option><option value="Large" selected>Large</option></select><br><label for="emailOptOut">Email Opt Out</label><input id="emailOptOut" name="emailOptOut" type="checkbox" value="1"><br><textarea name="description"></textarea><input type="submit" name="submit"></form>`,
    type: { '#first_name': 'Zoë', '#email': 'zoe@harbour.example', textarea: 'Tides & currents' },
    tick: ['#emailOptOut'],
  },
  {
    name: 'ConvertKit',
    html: `<form action="{action}" class="seva-form formkit-form" method="post" data-sv-form="1" data-format="inline" min-width="400 500 600"><div data-style="clean"><ul class="formkit-alert formkit-alert-error" data-element="errors" data-group="alert"></ul><div data-element="fields" class="seva-fields formkit-fields"><div class="formkit-field"><input class="formkit-input" name="fields[first_name]" aria-label="First Name" placeholder="First Name" type="text"></div><div class="formkit-field"><input class="formkit-input" name="email_address" aria-label="Email Address" placeholder="Email Address" required type="email"></div><fieldset data-group="checkboxes" type="Custom" order="2" class="formkit-11"><div class="formkit-checkboxes" data-element="tags-checkboxes" data-group="checkbox"><input class="formkit-checkbox" id="tag-0" type="checkbox" name="tags[]" value="99"><label for="tag-0">Weekly</label></div></fieldset><button data-element="submit" class="formkit-submit"><div class="formkit-spinner"><div></div><div></div></div><span>Subscribe</span></button></div></div></form>`,
    type: { '[name="fields[first_name]"]': 'Zoë', '[name=email_address]': 'zoe@harbour.example' },
    tick: ['#tag-0'],
    press: 'button span',
  },
  {
    name: 'Framer',
    html: `<form class="framer-1x" method="POST" action="{action}"><label class="framer-l"><p class="framer-text">Name</p><div class="framer-form-text-input"><input type="text" required name="Name" placeholder="Jane Smith" class="framer-form-input" value=""></div></label><label><div><p>Location</p></div><div class="framer-form-select-wrapper"><select name="Location" required class="framer-form-input" value=""><option disabled value="">Select…</option><option value="North quay">North quay</option></select></div></label><label><input type="checkbox" name="Terms &amp; Conditions" class="framer-form-boolean-input"></label><button type="submit" class="framer-b" data-reset="button" style="display:flex"><div><p>Submit</p></div></button></form>`,
    type: { '[name=Name]': 'Zoë Marsh' },
    tick: ['[type=checkbox]'],
    script: `document.querySelector('select').value = 'North quay'`,
  },
  {
    name: 'Carrd',
    html: `<form enctype="multipart/form-data" id="form01" method="post" action="{action}"><div class="inner"><div class="field"><input type="text" name="name" id="form01-name" placeholder="Name" maxlength="128"></div><div class="field"><input type="email" name="email" id="form01-email" required></div><div class="field"><textarea name="message" id="form01-message" maxlength="16384" required></textarea></div><div class="actions"><button type="submit"><svg width="1" height="1" aria-labelledby="icon-title"><title id="icon-title">Mail</title></svg><span class="label">Send Message</span></button></div></div><input type="hidden" name="id" value="form01"></form>`,
    type: { '#form01-name': 'Zoë', '#form01-email': 'zoe@harbour.example', textarea: 'Good morning' },
  },
  {
    name: 'Tilda',
    html: `<form id="form300" name="form300" role="form" action="{action}" method="POST" data-formactiontype="2" data-inputbox=".t-input-group" class="t-form js-form-proccess t-form_inputs-total_2"><input type="hidden" name="formservices[]" value="a" class="js-formaction-services"><input type="hidden" name="formservices[]" value="b"><div class="t-form__inputsbox"><div class="t-input-group t-input-group_em"><div class="t-input-block"><input type="email" autocomplete="email" name="Email" class="t-input js-tilda-rule" value="" placeholder="E-mail" data-tilda-req="1"></div><div class="t-input-error"></div></div><div class="t-input-group t-input-group_ph"><input type="tel" class="t-input" name="tildaspec-phone-part[]" data-phonemask-mask="+9(999)" value=""><input type="hidden" name="Phone" value=""></div><div class="t-form__submit"><button type="submit" class="t-submit" style="color:#fff;background-color:#000">Submit</button></div></div></form>`,
    type: { '[name=Email]': 'zoe@harbour.example', '[type=tel]': '5550100' },
    script: `document.querySelector('[name=Phone]').value = '+354 ' + document.querySelector('[type=tel]').value`,
  },
]
