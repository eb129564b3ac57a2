/** Loads the list of providers of disposable addresses, which no relay needs before its first post. */

/** Returns their domains. */
export async function loadDisposable(): Promise<ReadonlySet<string>> {
  const { disposableEmailBlocklistSet } = await import('disposable-email-domains-js')
  return disposableEmailBlocklistSet()
}
