/** The list of deviations from Adobe's contract is as long as it must be: without each one, an answer is refused. */
import { describe, expect, it } from 'vitest'
import { createRestValidator, DEVIATIONS, validateRest } from '../../../support/schema/marketo-rest.ts'

/** An answer for each deviation, from the sources that the deviation names. */
const SAMPLES: Record<string, [definition: string, answer: unknown]> = {
  'an answer has neither errors nor warnings where there are none': [
    'ResponseOfLead',
    { requestId: 'e42b#14272d07d78', success: true, result: [{ id: 50, status: 'created' }] },
  ],
  'an answer with an error has no result': [
    'ResponseOfLead',
    { requestId: 'e42b#14272d07d78', success: false, errors: [{ code: '601', message: 'Unauthorized' }], warnings: [] },
  ],
  'a lead that was skipped has a list of reasons, not one reason': [
    'Lead',
    { status: 'skipped', reasons: [{ code: 1005, message: 'Lead already exists' }] },
  ],
  'a form that was skipped has no lead id': ['FormResponse', { status: 'skipped' }],
  'the type New Lead has no primary attribute': ['ActivityType', { id: 12, name: 'New Lead', attributes: [] }],
  'a custom activity is answered with its id and status, or with errors': [
    'ResponseOfCustomActivity',
    {
      requestId: 'a',
      success: true,
      result: [
        { id: 1, status: 'added' },
        { status: 'skipped', errors: [{ code: '1004', message: 'Lead not found' }] },
      ],
    },
  ],
  'counts are of a day, which is a date without a time': ['UsageData', { date: '2015-10-17', total: 1120, users: [] }],
}

describe('Adobe’s contract', () => {
  it.each(DEVIATIONS.map((deviation) => [deviation.name, deviation] as const))('%s', (name, deviation) => {
    const [definition, answer] = SAMPLES[name] ?? ['Lead', undefined]
    const without = createRestValidator(DEVIATIONS.filter((other) => other !== deviation))

    // A lead may have any property, so that the reasons are checked only with the deviation.
    const [accepting, refusing] = definition === 'Lead' ? [without, validateRest] : [validateRest, without]
    expect(accepting(definition, answer)).toEqual([])
    expect(refusing(definition, answer)).not.toEqual([])
  })

  it.each([
    [
      'a code that is a number',
      'ResponseOfLead',
      { requestId: 'a', success: false, errors: [{ code: 601, message: 'm' }] },
    ],
    [
      'an id that is a text',
      'ResponseOfLead',
      { requestId: 'a', success: true, result: [{ id: '5', status: 'created' }] },
    ],
    ['a property that it does not have', 'ResponseWithoutResult', { requestId: 'a', success: true, result: [] }],
    ['a missing request id', 'ResponseWithoutResult', { success: true }],
    [
      'an unknown status of a form',
      'ResponseOfSubmitForm',
      { requestId: 'a', success: true, result: [{ id: 1, status: 'CREATED' }] },
    ],
    ['null', 'ResponseOfLead', null],
  ])('refuses %s', (_, definition, answer) => {
    expect(validateRest(definition, answer)).not.toEqual([])
  })
})
