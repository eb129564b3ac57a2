/** Questions about Marketo's REST API that no public source answers. An answer helps every user of the relay. */
export const QUESTIONS = {
  day: 'Does the quota of a day end at midnight US Central with daylight saving, or without?',
  boolean: 'Does a boolean field take the texts "1" and "0"?',
  stray: 'Which reason code has a Submit Form that is skipped for a field that is not on the form?',
  clear: 'Does an empty text in Submit Form clear the field?',
  choices: 'Does Submit Form take several options joined by ";"?',
  draft: 'What does Submit Form answer for a form that was never approved?',
  partition: 'Does Sync Leads without partitionName find a person of another partition?',
  prefix: 'Does Associate Lead need "_mkto_trk=" before the cookie?',
  push: 'Does a person that Push Lead creates with cookies have the history of the visitor? The relay does not use it.',
  async: 'What does Sync Leads answer with asyncProcessing? The relay does not use it.',
  identity: 'Does a call for an access token count as one of ten calls at once?',
} as const
