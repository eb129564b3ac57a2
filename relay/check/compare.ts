/**
 * Compares the forms of the configuration with a Marketo account and lists what does not fit. Pure.
 *
 * An error loses values or leads; a warning does not. Nothing here refuses a visitor.
 */
import type { Field, Form } from '../config/forms.ts'
import { MAX_CONSENT_LENGTH, type ConsentPart } from '../intake/consent-parts.ts'
import { toRestName, toSoapName } from '../marketo/names.ts'
import { nearName } from '../config/near-name.ts'
import type { Tenant, TenantField } from './tenant.ts'
import { maxValueLength, takesValue, typeAdvice } from './value-types.ts'

export interface Finding {
  severity: 'error' | 'warning'
  kind:
    | 'missing'
    | 'misspelt'
    | 'read-only'
    | 'wrong-type'
    | 'too-short'
    | 'not-on-marketo-form'
    | 'unsearchable-lookup'
    | 'unknown-partition'
    | 'required-on-marketo-form'
    | 'marketo-form-is-draft'
  /** Name of the form in the configuration. */
  form: string
  /** Place in the form: `fields.first`, `constants.LeadSource`, `capture.page`, `consent.time`, `lookup` or `partition`. */
  place: string
  /** What is wrong, in a sentence. */
  problem: string
  /** What to write or do instead, in a sentence. */
  advice: string
}

/** An attribute that a form writes. */
interface Written {
  place: string
  attribute: string
  field?: Field
  /** Value of a constant, or the longest of a decision about tracking. */
  value?: string
  /** What to write in place of the attribute's name. */
  rename: (name: string) => string
}

/** Lists what does not fit, form by form. A part of the account that was not read is not compared. */
export function compareForms(forms: Iterable<Form>, tenant: Tenant): Finding[] {
  return Array.from(forms).flatMap((form) => [
    ...writtenBy(form).flatMap((written) => compareAttribute(form, written, tenant)),
    ...compareMarketoForm(form, tenant),
    ...compareLookup(form, tenant),
    ...comparePartition(form, tenant),
  ])
}

function writtenBy(form: Form): Written[] {
  const { receipt } = form
  return [
    ...form.fields.map((field) => ({
      place: `fields.${field.name}`,
      attribute: field.attribute,
      field,
      rename: (name: string) => `"attribute": "${name}"`,
    })),
    ...form.constants.map(({ name, value }) => ({
      place: `constants.${name}`,
      attribute: name,
      value,
      rename: (right: string) => `"${right}": "${value}"`,
    })),
    ...form.capture.map(({ source, attribute }) => ({
      place: `capture.${source}`,
      attribute,
      rename: (name: string) => `"${source}": "${name}"`,
    })),
    ...(form.consent ?? []).map(({ part, attribute }) => ({
      place: `consent.${part}`,
      attribute,
      value: longestOf(part),
      rename: (name: string) => `"${part}": "${name}"`,
    })),
    ...(receipt === undefined
      ? []
      : [{ place: 'receipt', attribute: receipt, rename: (name: string) => `"receipt": "${name}"` }]),
  ]
}

/** Returns a value as long as that part of a decision can be. */
function longestOf(part: ConsentPart): string {
  return part === 'time' ? '2026-01-01T00:00:00Z' : 'x'.repeat(MAX_CONSENT_LENGTH[part])
}

function compareAttribute(form: Form, written: Written, { fields, transport }: Tenant): Finding[] {
  if (!fields) return []
  const { place, attribute, rename } = written
  const name = transport === 'rest' ? toRestName(attribute) : toSoapName(attribute)
  const found = fields.find((field) => field.name === name)
  const at = { severity: 'error', form: form.name, place } as const
  if (found) return compareField(at, written, found)
  const inOtherCase = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
  if (inOtherCase) {
    // No source tells whether Marketo ignores case. If it does not, its refusal names the field, and nothing is silent.
    const problem = `Marketo's name is "${inOtherCase.name}".`
    const advice = `Write ${rename(inOtherCase.name)}.`
    const warning: Finding = { ...at, severity: 'warning', kind: 'misspelt', problem, advice }
    return [warning, ...compareField(at, written, inOtherCase)]
  }

  const near = nearName(
    name,
    fields.map((field) => field.name),
  )
  const labelled = fields.find(({ label }) => nearName(attribute, [label]) !== undefined && label !== '')
  const meant = near ?? labelled?.name
  if (meant !== undefined) {
    const problem = `Marketo has no field "${name}"; it has "${meant}".`
    return [{ ...at, kind: 'misspelt', problem, advice: `Write ${rename(meant)}.` }]
  }
  const advice = 'Create the field in Marketo (Admin > Field Management), or remove it from the form.'
  return [{ ...at, kind: 'missing', problem: `Marketo has no field "${name}".`, advice }]
}

type Place = Pick<Finding, 'severity' | 'form' | 'place'>

function compareField(at: Place, { field, value }: Written, found: TenantField): Finding[] {
  const { name, dataType, length, readOnly } = found
  const findings: Finding[] = []
  if (readOnly) {
    const problem = `"${name}" is read-only: Marketo answers "updated" and writes nothing.`
    findings.push({ ...at, kind: 'read-only', problem, advice: 'Use a field that can be written, or remove this one.' })
  }
  const advice = field && typeAdvice(field, dataType)
  if (field && advice !== undefined) {
    const problem = `"${name}" has the type ${dataType}, and the form sends a ${field.type}.`
    findings.push({ ...at, kind: 'wrong-type', problem, advice: `Write ${advice}, or use a text field of Marketo.` })
  }
  if (value !== undefined && !takesValue(value, dataType)) {
    const problem = `"${name}" has the type ${dataType}, which does not take what the form sends.`
    findings.push({
      ...at,
      kind: 'wrong-type',
      problem,
      advice: `Send a value of the type ${dataType}, or use another field of Marketo.`,
    })
  }
  const longest = field ? maxValueLength(field) : (value?.length ?? 0)
  if (length !== null && longest > length) {
    const problem = `"${name}" holds ${length} characters, and the form sends up to ${longest}.`
    const shorter = field && field.type !== 'choice' ? `Write "maxLength": ${length}` : 'Shorten the values'
    findings.push({ ...at, kind: 'too-short', problem, advice: `${shorter}, or use a longer field of Marketo.` })
  }
  return findings
}

/** Compares a form with the Marketo form that it submits. */
function compareMarketoForm(form: Form, { forms, drafts }: Tenant): Finding[] {
  const { marketoForm } = form
  const onForm = marketoForm === undefined ? undefined : forms.get(marketoForm)
  if (!onForm) return []
  const has = (attribute: string) =>
    onForm.some(({ id }) => toSoapName(id).toLowerCase() === toSoapName(attribute).toLowerCase())
  const written = writtenBy(form)
  const required = new Set(
    written.filter(({ field }) => field === undefined || field.required).map(({ attribute }) => toSoapName(attribute)),
  )
  const draft: Finding = {
    severity: 'warning',
    kind: 'marketo-form-is-draft',
    form: form.name,
    place: 'marketoForm',
    problem: `The Marketo form ${marketoForm} was never approved, and Submit Form may not know it.`,
    advice: 'Approve it in Marketo.',
  }
  return [
    ...(marketoForm !== undefined && drafts.has(marketoForm) ? [draft] : []),
    ...written
      .filter(({ attribute }) => !has(attribute))
      .map(({ place, attribute }): Finding => {
        const problem = `The Marketo form ${marketoForm} has no field "${attribute}": Marketo drops the whole submission.`
        const advice = 'Add it to the Marketo form as a hidden field and approve the form, or remove it here.'
        return { severity: 'error', kind: 'not-on-marketo-form', form: form.name, place, problem, advice }
      }),
    ...onForm
      .filter((field) => field.required && !required.has(toSoapName(field.id)))
      .map((field): Finding => {
        const problem = `The Marketo form ${marketoForm} requires "${field.id}", and this form may leave it out.`
        const advice = 'Nothing is refused for it. Write "required": true if visitors must fill it in.'
        const place = written.find(({ attribute }) => toSoapName(attribute) === toSoapName(field.id))?.place ?? 'fields'
        return { severity: 'warning', kind: 'required-on-marketo-form', form: form.name, place, problem, advice }
      }),
  ]
}

function compareLookup({ name: form, lookup }: Form, { searchable }: Tenant): Finding[] {
  if (lookup === undefined || !searchable || searchable.includes(toRestName(lookup))) return []
  const near = nearName(toRestName(lookup), searchable)
  const problem = `Marketo cannot find people by "${lookup}".`
  const others = searchable.filter((name) => name !== 'id' && name !== 'cookies').slice(0, 10)
  const advice = `Write ${near === undefined ? 'one of' : `"lookup": "${near}", or one of`} ${others.join(', ')}.`
  return [{ severity: 'error', kind: 'unsearchable-lookup', form, place: 'lookup', problem, advice }]
}

function comparePartition({ name: form, partition }: Form, { partitions }: Tenant): Finding[] {
  if (partition === undefined || !partitions || partitions.includes(partition)) return []
  const near = nearName(partition, partitions)
  const problem = `Marketo has no partition "${partition}", or the API user cannot reach it.`
  const advice =
    near === undefined
      ? `Write one of ${partitions.join(', ')}, or give the API user a role in its workspace.`
      : `Write "partition": "${near}".`
  return [{ severity: 'error', kind: 'unknown-partition', form, place: 'partition', problem, advice }]
}
