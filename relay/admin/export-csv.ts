/** Writes exported leads as CSV: a header, and a row for each lead with a column for each attribute. Pure. */
import { csvRow } from './csv.ts'
import type { ExportedLead } from './export-leads.ts'

/** Columns before those of the attributes. */
const COLUMNS = [
  'id',
  'state',
  'form',
  'account',
  'acceptedAt',
  'attempts',
  'reason',
  'email',
  'cookie',
  'workspace',
] as const

/** The last column: attributes without a column of their own, as JSON. */
const FURTHER = 'furtherAttributes'

export interface LeadTable {
  /** The first row. */
  header: string
  row(lead: ExportedLead): string
}

/**
 * Creates the table.
 *
 * @param names names of the attributes, in the order of their columns
 */
export function createLeadTable(names: Iterable<string>): LeadTable {
  const attributes = [...names]
  const known = new Set(attributes)
  return {
    header: csvRow([...COLUMNS, ...attributes, FURTHER]),
    row(lead) {
      const further = Object.entries(lead.attributes).filter(([name]) => !known.has(name))
      return csvRow([
        ...COLUMNS.map((column) => String(lead[column] ?? '')),
        ...attributes.map((name) => (Object.hasOwn(lead.attributes, name) ? (lead.attributes[name] ?? '') : '')),
        further.length === 0 ? '' : JSON.stringify(Object.fromEntries(further)),
      ])
    },
  }
}
