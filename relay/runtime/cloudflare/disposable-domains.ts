/** The list of providers of disposable addresses, as a module that the Worker loads when a rule needs it. */
import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'

/** The domains. */
export const DISPOSABLE_DOMAINS: ReadonlySet<string> = disposableEmailBlocklistSet()
