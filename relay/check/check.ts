/** Checks a configuration against its Marketo account: reads what the forms depend on, and compares. */
import type { Account } from '../config/account.ts'
import type { Form } from '../config/forms.ts'
import { compareForms, type Finding } from './compare.ts'
import { readTenant, type NotRead, type Tenant, type TenantOptions, type Wanted } from './tenant.ts'

export interface CheckReport {
  findings: Finding[]
  /** Parts that could not be checked. They say nothing about the configuration. */
  notChecked: readonly NotRead[]
}

/** Makes one check, with a call for the fields, one for each further part that a form names, and two for a Marketo form. Never rejects. */
export async function checkForms(
  account: Account,
  forms: readonly Form[],
  options: TenantOptions,
): Promise<CheckReport> {
  return reportOn(forms, await readTenant(account, wantedBy(forms), options))
}

/** Returns the parts of an account that a check of these forms needs. */
export function wantedBy(forms: readonly Form[]): Wanted {
  const ids = forms.map(({ marketoForm }) => marketoForm).filter((id) => id !== undefined)
  return {
    forms: [...new Set(ids)],
    searchable: forms.some(({ lookup }) => lookup !== undefined),
    partitions: forms.some(({ partition }) => partition !== undefined),
  }
}

/** Compares forms with an account that was read. */
export function reportOn(forms: readonly Form[], tenant: Tenant): CheckReport {
  return { findings: compareForms(forms, tenant), notChecked: tenant.notRead }
}
