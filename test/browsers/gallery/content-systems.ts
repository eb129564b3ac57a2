/** Forms of content management systems, of their plug-ins, and of shops. */
import type { FormCase } from './form-case.ts'

export const CONTENT_SYSTEMS: FormCase[] = [
  {
    name: 'Contact Form 7',
    html: `<div class="wpcf7 no-js" id="wpcf7-f5-p2-o1" lang="en-US" dir="ltr"><form action="{action}" method="post" class="wpcf7-form init" aria-label="Contact form" novalidate data-status="init"><fieldset class="hidden-fields-container"><input type="hidden" name="_wpcf7" value="5"><input type="hidden" name="_wpcf7_version" value="6.1"><input type="hidden" name="_wpcf7_locale" value="en_US"><input type="hidden" name="_wpcf7_unit_tag" value="wpcf7-f5-p2-o1"></fieldset><p><label>Your name<br><span class="wpcf7-form-control-wrap" data-name="your-name"><input size="40" maxlength="400" class="wpcf7-form-control wpcf7-text wpcf7-validates-as-required" aria-required="true" aria-invalid="false" value="" type="text" name="your-name"></span></label></p><p><input class="wpcf7-email" aria-invalid="false" type="email" name="your-email"></p><span class="wpcf7-checkbox"><span class="wpcf7-list-item first"><label><input type="checkbox" name="topics[]" value="Tides"><span class="wpcf7-list-item-label">Tides</span></label></span></span><span class="wpcf7-acceptance optional"><input type="checkbox" name="acceptance-1" value="1"></span><p><input class="wpcf7-form-control wpcf7-submit has-spinner" type="submit" value="Send"></p><div class="wpcf7-response-output" aria-hidden="true"></div></form></div>`,
    type: { '[name=your-name]': 'Zoë', '[name=your-email]': 'zoe@harbour.example' },
    tick: ['.wpcf7-list-item-label', '[name=acceptance-1]'],
  },
  {
    name: 'Gravity Forms',
    html: `<div class="gf_browser_chrome gform_wrapper gravity-theme" id="gform_wrapper_2"><form method="post" enctype="multipart/form-data" id="gform_2" action="{action}" novalidate><div class="gform-body"><div id="gform_fields_2" class="gform_fields top_label"><fieldset class="gfield gfield--type-name"><legend class="gfield_label">Name</legend><span class="name_first"><input type="text" name="input_1.3" id="input_2_1_3"><label for="input_2_1_3">First</label></span><span class="name_last"><input type="text" name="input_1.6" id="input_2_1_6"></span></fieldset><input name="input_2" id="input_2_2" type="email" value="" class="large"><fieldset class="gfield--type-consent"><div class="ginput_container_consent"><input name="input_3.1" id="input_2_3_1" type="checkbox" value="1"><label class="gform-field-label" for="input_2_3_1">I agree</label><input type="hidden" name="input_3.2" value="I agree" class="gform_hidden"><input type="hidden" name="input_3.3" value="4" class="gform_hidden"></div></fieldset></div></div><div class="gform-footer"><input type="submit" id="gform_submit_button_2" class="gform_button button" onclick="" value="Submit"><input type="hidden" class="gform_hidden" name="is_submit_2" value="1"><input type="hidden" name="gform_submit" value="2"><input type="hidden" name="state_2" value="WyJbXSIsIjM2Il0="><input type="hidden" name="gform_target_page_number_2" value="0"></div></form></div>`,
    type: { '#input_2_1_3': 'Zoë', '#input_2_1_6': 'Marsh', '#input_2_2': 'zoe@harbour.example' },
    tick: ['#input_2_3_1'],
  },
  {
    name: 'WPForms',
    html: `<div class="wpforms-container wpforms-container-full" id="wpforms-9"><form id="wpforms-form-9" class="wpforms-validate wpforms-form" data-formid="9" method="post" enctype="multipart/form-data" action="{action}" data-token="e1"><noscript class="wpforms-error-noscript">Please enable JavaScript.</noscript><div class="wpforms-field-container"><div class="wpforms-field wpforms-field-name"><input type="text" id="wpforms-9-field_0" name="wpforms[fields][0][first]" required></div><div class="wpforms-field wpforms-field-email"><input type="email" name="wpforms[fields][1]" id="wpforms-9-field_1"></div><div class="wpforms-field wpforms-field-select"><select id="wpforms-9-field_3" name="wpforms[fields][3]"><option value="" class="placeholder" disabled selected>- Select -</option><option value="Small">Small</option></select></div></div><div class="wpforms-field wpforms-field-hp"><input type="text" name="wpforms[hp]" id="wpforms-9-field-hp"></div><div class="wpforms-submit-container"><input type="hidden" name="wpforms[id]" value="9"><button type="submit" name="wpforms[submit]" id="wpforms-submit-9" class="wpforms-submit" data-alt-text="Sending..." aria-live="assertive" value="wpforms-submit">Submit</button></div></form></div>`,
    type: { '#wpforms-9-field_0': 'Zoë', '#wpforms-9-field_1': 'zoe@harbour.example' },
  },
  {
    name: 'Ninja Forms',
    html: `<div class="nf-form-cont"><div class="nf-form-layout"><form method="post" action="{action}"><div class="nf-form-content"><nf-fields-wrap><nf-field><div class="nf-field-container email-container label-above"><div class="nf-field-label"><label for="nf-field-2" class="">Email <span class="ninja-forms-req-symbol">*</span></label></div><div class="nf-field-element"><input type="email" value="" class="ninja-forms-field nf-element" id="nf-field-2" name="email" autocomplete="email" required></div></div></nf-field><nf-field><div class="nf-field-element"><ul><li><input type="radio" id="nf-field-3-0" name="nf-field-3" class="nf-element" value="one"><label for="nf-field-3-0">One</label></li><li><input type="radio" id="nf-field-3-1" name="nf-field-3" value="two"><label for="nf-field-3-1">Two</label></li></ul></div></nf-field><nf-field><input id="nf-field-4" class="ninja-forms-field nf-element" type="submit" value="Send"></nf-field></nf-fields-wrap></div></form></div></div>`,
    type: { '#nf-field-2': 'zoe@harbour.example' },
    tick: ['label[for=nf-field-3-1]'],
  },
  {
    name: 'Formidable',
    html: `<div class="frm_forms with_frm_style"><form enctype="multipart/form-data" method="post" class="frm-show-form" id="form_contact" action="{action}"><div class="frm_form_fields"><fieldset><legend class="frm_screen_reader">Contact</legend><input type="hidden" name="frm_action" value="create"><input type="hidden" name="form_id" value="1"><input type="hidden" name="form_key" value="contact"><input type="hidden" name="item_meta[0]" value=""><input type="text" id="field_q" name="item_meta[1]" value="" data-reqmsg="This field cannot be blank."><input type="email" name="item_meta[3]" value=""><div class="frm_opt_container"><div class="frm_checkbox"><label for="field_c-0"><input type="checkbox" name="item_meta[8][]" id="field_c-0" value="Tides">Tides</label></div></div><input type="hidden" name="item_key" value=""><div class="frm_submit"><button class="frm_button_submit frm_final_submit" type="submit" formnovalidate="formnovalidate">Submit</button></div></fieldset></div></form></div>`,
    type: { '#field_q': 'Zoë', '[name="item_meta[3]"]': 'zoe@harbour.example' },
    tick: ['#field_c-0'],
  },
  {
    name: 'Drupal Webform',
    html: `<form class="webform-submission-form webform-submission-contact-form js-webform-details-toggle" data-drupal-selector="webform-submission-contact" action="{action}" method="post" id="webform-1" accept-charset="UTF-8"><div class="js-form-item form-item js-form-type-textfield"><label for="edit-name" class="js-form-required form-required">Your Name</label><input data-drupal-selector="edit-name" type="text" id="edit-name" name="name" value="" size="60" maxlength="255" class="form-text required" required aria-required="true"></div><input type="email" id="edit-email" name="email" class="form-email"><fieldset class="checkboxes--wrapper fieldgroup form-composite" id="edit-topics--wrapper"><legend><span class="fieldset-legend">Topics</span></legend><div class="fieldset-wrapper"><div id="edit-topics" class="js-webform-checkboxes"><input type="checkbox" id="edit-topics-tides" name="topics[tides]" value="tides" class="form-checkbox"><label for="edit-topics-tides" class="option">Tides</label><input type="checkbox" id="edit-topics-ports" name="topics[ports]" value="ports"></div></div></fieldset><input autocomplete="off" type="hidden" name="form_build_id" value="form-Ab_1-2"><input type="hidden" name="form_id" value="webform_submission_contact_add_form"><div class="url-textfield" style="display:none!important"><input autocomplete="off" type="text" name="url" value=""></div><div class="form-actions"><input class="webform-button--submit button button--primary js-form-submit form-submit" type="submit" id="edit-submit" name="op" value="Send message"></div></form>`,
    type: { '#edit-name': 'Zoë', '#edit-email': 'zoe@harbour.example' },
    tick: ['#edit-topics-tides'],
  },
  {
    name: 'TYPO3 form framework',
    html: `<form enctype="multipart/form-data" method="post" novalidate id="contact-12" action="{action}"><div><input type="hidden" name="tx_form_formframework[contact-12][__state]" value="TzozOTo=ab"><input type="hidden" name="tx_form_formframework[__trustedProperties]" value="{&quot;contact-12&quot;:{&quot;text-1&quot;:1}}"></div><div class="form-element-grid"><div class="form-group"><label class="control-label" for="contact-12-text-1">Name <span class="required">*</span></label><div class="input"><input required class="xlarge form-control" id="contact-12-text-1" type="text" name="tx_form_formframework[contact-12][text-1]" value=""></div></div><div class="form-check"><label class="form-check-label"><input type="hidden" name="tx_form_formframework[contact-12][checkbox-1]" value=""><input class="add-on form-check-input" type="checkbox" name="tx_form_formframework[contact-12][checkbox-1]" value="1"><span>Privacy</span></label></div><input autocomplete="aPxyz" aria-hidden="true" id="contact-12-hp" style="position:absolute;margin:0 0 0 -999em" tabindex="-1" type="text" name="tx_form_formframework[contact-12][hp9]"></div><nav class="form-navigation"><button class="btn btn-primary" type="submit" name="tx_form_formframework[contact-12][__currentPage]" value="1">Submit</button></nav></form>`,
    type: { '#contact-12-text-1': 'Zoë Marsh' },
    tick: ['.form-check-label span'],
  },
  {
    name: 'Joomla contact',
    html: `<form id="contact-form" action="{action}" method="post" class="form-validate form-horizontal well"><fieldset class="m-0"><legend>Send an Email</legend><div class="control-group"><div class="control-label"><label id="jform_contact_name-lbl" for="jform_contact_name" class="required">Name<span class="star" aria-hidden="true">&#160;*</span></label></div><div class="controls has-success"><input type="text" name="jform[contact_name]" id="jform_contact_name" value="" class="form-control required" size="30" required></div></div><input type="email" name="jform[contact_email]" inputmode="email" id="jform_contact_email"><textarea name="jform[contact_message]" id="m" cols="50" rows="10"></textarea><input class="form-check-input" type="checkbox" name="jform[contact_email_copy]" id="copy" value="1"></fieldset><div class="control-group"><button class="btn btn-primary validate" type="submit">Send Email</button><input type="hidden" name="option" value="com_contact"><input type="hidden" name="task" value="contact.submit"><input type="hidden" name="return" value=""><input type="hidden" name="id" value="1:sales"><input type="hidden" name="0123456789abcdef0123456789abcdef" value="1"></div></form>`,
    type: { '#jform_contact_name': 'Zoë', '#jform_contact_email': 'zoe@harbour.example', '#m': 'Ein Gruß' },
    tick: ['#copy'],
  },
  {
    name: 'Shopify contact',
    html: `<form method="post" action="{action}#ContactForm" id="ContactForm" accept-charset="UTF-8" class="isolate"><input type="hidden" name="form_type" value="contact"><input type="hidden" name="utf8" value="✓"><div class="contact__fields"><div class="field"><input class="field__input" autocomplete="name" type="text" id="ContactForm-name" name="contact[Name]" value="" placeholder="Name"><label class="field__label" for="ContactForm-name">Name</label></div><div class="field field--with-error"><input autocomplete="email" type="email" id="ContactForm-email" class="field__input" name="contact[email]" spellcheck="false" autocapitalize="off" value="" aria-required="true" placeholder="Email"></div></div><textarea rows="10" id="ContactForm-body" class="text-area field__input" name="contact[Comment]" placeholder="Comment"></textarea><div class="contact__button"><button type="submit" class="button">Send</button></div></form>`,
    type: { '#ContactForm-name': 'Zoë', '#ContactForm-email': 'zoe@harbour.example', textarea: 'Order 7 & 8' },
  },
  {
    name: 'Magento contact',
    html: `<form class="form contact" action="{action}" id="contact-form" method="post" data-hasrequired="* Required Fields" data-mage-init='{"validation":{}}' novalidate="novalidate"><fieldset class="fieldset"><legend class="legend"><span>Write Us</span></legend><br><div class="field name required"><label class="label" for="name"><span>Name</span></label><div class="control"><input name="name" id="name" title="Name" value="" class="input-text" type="text" data-validate="{required:true}" aria-required="true"></div></div><input name="email" id="email" type="email" data-validate="{required:true, 'validate-email':true}"><input type="hidden" name="hideit" id="hideit" value=""></fieldset><input name="form_key" type="hidden" value="fK1"><div class="actions-toolbar"><div class="primary"><button type="submit" title="Submit" class="action submit primary"><span>Submit</span></button></div></div></form>`,
    type: { '#name': 'Zoë', '#email': 'zoe@harbour.example' },
  },
  {
    name: 'Umbraco Forms',
    html: `<div id="umbraco_form_1" class="umbraco-forms-form contact"><form action="{action}" enctype="multipart/form-data" method="post"><input data-val="true" data-val-required="The FormId field is required." name="FormId" type="hidden" value="9d-1"><input name="RecordId" type="hidden" value="00000000-0000-0000-0000-000000000000"><div class="umbraco-forms-page"><fieldset class="umbraco-forms-fieldset"><legend>Details</legend><div class="umbraco-forms-field"><label for="8a1f" class="umbraco-forms-label">E-mail</label><input type="text" name="8a1f" id="a8a1f" class="text" value="" maxlength="255" data-val="true" data-val-required="Please provide a value"></div><input type="checkbox" name="c0de" id="c0de" value="true" data-umb="c0de"><input type="hidden" name="c0de" value="false"></fieldset><div style="display:none" aria-hidden="true"><input type="text" name="9d_1"></div><div class="umbraco-forms-navigation"><input type="submit" class="btn primary" value="Submit" name="__next" data-umb="submit-forms-form"></div></div><input name="__RequestVerificationToken" type="hidden" value="CfDJ8-x_y"></form></div>`,
    type: { '#a8a1f': 'zoe@harbour.example' },
    tick: ['#c0de'],
  },
  {
    name: 'Sitecore Forms',
    html: `<form action="{action}" enctype="multipart/form-data" id="fxb_1" method="post" data-sc-fxb="1"><input id="fxb_1_FormSessionId" name="fxb.1.FormSessionId" type="hidden" value="s"><input name="__RequestVerificationToken" type="hidden" value="t"><input name="fxb.1.FormItemId" type="hidden" value="1"><input name="fxb.1.Fields.Index.2" type="hidden" value="2"><input name="fxb.1.Fields[2].ItemId" type="hidden" value="2"><label for="f2">Name</label><input id="f2" name="fxb.1.Fields[2].Value" class="" type="text" value="" maxlength="255" data-sc-tracking="True" data-sc-field-name="Name"><label><input name="fxb.1.Fields[3].Value" class="" type="checkbox" value="true" id="f3">Updates</label><input name="fxb.1.Fields[3].Value" type="hidden" value="false"><input value="Send" type="submit" class="" name="fxb.1.5" id="f5" data-sc-field-key="5"><input type="hidden" name="fxb.1.NavigationButtons" value="5"></form>`,
    type: { '#f2': 'Zoë' },
    tick: ['#f3'],
  },
  {
    name: 'Adobe Experience Manager',
    html: `<form method="POST" action="{action}" id="new_form" name="new_form" enctype="multipart/form-data" class="cmp-form aem-Grid"><input type="hidden" name=":formstart" value="/content/acme/en/jcr:content/root/container"><input type="hidden" name="_charset_" value="utf-8"><div class="text"><div class="cmp-form-text"><label for="form-text-1">Name</label><input class="cmp-form-text__text" data-cmp-hook-form-text="input" type="text" id="form-text-1" name="name"></div></div><div class="options"><fieldset class="cmp-form-options cmp-form-options--checkbox"><legend class="cmp-form-options__legend">Topics</legend><label class="cmp-form-options__field-label"><input class="cmp-form-options__field" name="topics" value="a" type="checkbox"><span class="cmp-form-options__field-description">A</span></label><label><input name="topics" value="b" type="checkbox" disabled>B</label></fieldset></div><div class="button"><button type="SUBMIT" id="form-button-1" class="cmp-form-button" name="go" value="1">Submit</button></div></form>`,
    type: { '#form-text-1': 'Zoë' },
    tick: ['.cmp-form-options__field-description'],
  },
  {
    name: 'Ghost',
    html: `<form class="gh-form" data-members-form="subscribe" method="post" action="{action}"><input class="gh-form-input" id="footer-email" name="email" type="email" placeholder="jamie@example.com" required data-members-email><input type="hidden" data-members-label value="site"><button class="gh-button" type="submit" aria-label="Subscribe"><span><span>Subscribe</span> <svg width="16" height="16"><path d="M0 0"/></svg></span></button><p data-members-error></p></form>`,
    type: { '#footer-email': 'zoe@harbour.example' },
  },
  {
    name: 'Craft CMS',
    html: `<form method="post" accept-charset="UTF-8" action="{action}"><input type="hidden" name="CRAFT_CSRF_TOKEN" value="a|b|c"><input type="hidden" name="action" value="contact-form/send"><input type="hidden" name="redirect" value="f0contact/thanks"><label for="from-email">Your Email</label><input id="from-email" type="email" name="fromEmail" value=""><label for="message">Message</label><textarea rows="10" cols="40" id="message" name="message[body]"></textarea><label><input type="radio" name="message[Fleet]" value="small"> small</label><label><input type="radio" name="message[Fleet]" value="large"> large</label><input type="submit" value="Send"></form>`,
    type: { '#from-email': 'zoe@harbour.example', '#message': 'Sent from a quay' },
    tick: ['[value=large]'],
  },
  {
    name: 'Liferay',
    html: `<form action="{action}" class="form container-fluid-1280" id="_com_liferay_ddm_fm" method="post" name="_com_liferay_ddm_fm" data-fm-namespace="_com_"><input class="field form-control" name="_com_formDate" type="hidden" value="1764000000000"><input name="_com_serializedSettingsContext" type="hidden" value="{&quot;a&quot;:[1,2]}"><div class="lfr-ddm-form-container"><div class="form-group"><label class="ddm-label" for="t1">Name</label><input class="ddm-field-text form-control" id="t1" name="_com_ddm$$Text1$abc$0$$en_US" type="text" value=""></div><div class="custom-control custom-checkbox"><label><input class="custom-control-input toggle-switch" name="_com_ddm$$Box$1" type="checkbox" value="true"><span class="custom-control-label"><span class="custom-control-label-text">Yes</span></span></label></div></div><div class="ddm-form-pagination"><button class="btn btn-primary lfr-ddm-form-submit" id="ddm-form-submit" type="submit">Submit</button></div></form>`,
    type: { '#t1': 'Zoë' },
    tick: ['.custom-control-label-text'],
  },
]
