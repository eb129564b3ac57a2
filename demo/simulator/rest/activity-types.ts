/**
 * Defines the types of activities that the REST API returns, with their ids. Data only.
 *
 * Source: Adobe's page on activities; the ids and names are those of every account. The custom type is that of Adobe's
 * sample.
 */

export interface ActivityType {
  id: number
  name: string
  description: string
  /** In custom types. */
  apiName?: string
  /** Missing where a type has none, as was seen at Marketo. */
  primaryAttribute?: ActivityTypeAttribute
  attributes: readonly ActivityTypeAttribute[]
}

interface ActivityTypeAttribute {
  name: string
  apiName?: string
  dataType: string
}

export const VISIT_WEBPAGE = 1
export const FILL_OUT_FORM = 2
export const NEW_LEAD = 12

/** Custom types have ids from here on. */
export const FIRST_CUSTOM_TYPE = 100_001

export const ACTIVITY_TYPES: readonly ActivityType[] = [
  {
    id: VISIT_WEBPAGE,
    name: 'Visit Webpage',
    description: 'User visits a web page',
    primaryAttribute: { name: 'Webpage ID', dataType: 'integer' },
    attributes: [
      { name: 'Query Parameters', dataType: 'string' },
      { name: 'Referrer URL', dataType: 'string' },
      { name: 'Webpage URL', dataType: 'string' },
    ],
  },
  {
    id: FILL_OUT_FORM,
    name: 'Fill Out Form',
    description: 'User fills out and submits form on web page',
    primaryAttribute: { name: 'Webform ID', dataType: 'integer' },
    attributes: [
      { name: 'Query Parameters', dataType: 'string' },
      { name: 'Referrer URL', dataType: 'string' },
    ],
  },
  {
    id: NEW_LEAD,
    name: 'New Lead',
    description: 'New person/record is added to the lead database',
    attributes: [{ name: 'Source Type', dataType: 'string' }],
  },
  {
    id: FIRST_CUSTOM_TYPE,
    name: 'Attend Conference',
    description: 'Attend the conference',
    apiName: 'attendConference',
    primaryAttribute: { name: 'Conference Name', apiName: 'conferenceName', dataType: 'string' },
    attributes: [
      { name: 'Conference Date', apiName: 'conferenceDate', dataType: 'datetime' },
      { name: 'Number of Attendees', apiName: 'numberOfAttendees', dataType: 'integer' },
    ],
  },
]
