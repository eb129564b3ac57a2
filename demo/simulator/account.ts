/** The one account of the simulator: who may call, and whose Munchkin cookies are ours. */

export interface Account {
  /** Marketo's "User ID" of the SOAP API. */
  userId: string
  /** Marketo's "Encryption Key". */
  secretKey: string
  /** `123-ABC-456`. */
  munchkinId: string
}

/** What the demo uses when nothing is set. It guards nothing. */
export const DEMO_ACCOUNT: Account = {
  userId: 'form-sync_demo',
  secretKey: 'demo-secret-key',
  munchkinId: '123-ABC-456',
}

/**
 * The account that `SIMULATOR_USER_ID`, `SIMULATOR_SECRET_KEY` and `SIMULATOR_MUNCHKIN_ID` name; what is unset or empty
 * is the demo's.
 */
export function accountFrom(environment: Readonly<Record<string, string | undefined>>): Account {
  return {
    userId: environment['SIMULATOR_USER_ID'] || DEMO_ACCOUNT.userId,
    secretKey: environment['SIMULATOR_SECRET_KEY'] || DEMO_ACCOUNT.secretKey,
    munchkinId: environment['SIMULATOR_MUNCHKIN_ID'] || DEMO_ACCOUNT.munchkinId,
  }
}
