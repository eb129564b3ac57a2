/** Defines the simulator's single account and reads it from the environment. Imports nothing. */

export interface Account {
  /** Marketo's "User ID" of the SOAP API. */
  userId: string
  /** Marketo's "Encryption Key". */
  secretKey: string
  /** `123-ABC-456`. */
  munchkinId: string
}

/** Default account of the demo. Its key is public and protects nothing. */
export const DEMO_ACCOUNT: Account = {
  userId: 'form-sync_demo',
  secretKey: 'demo-secret-key',
  munchkinId: '123-ABC-456',
}

/**
 * Reads the account from `SIMULATOR_USER_ID`, `SIMULATOR_SECRET_KEY` and `SIMULATOR_MUNCHKIN_ID`. A variable that is
 * unset or empty takes the value of `DEMO_ACCOUNT`.
 */
export function accountFrom(environment: Readonly<Record<string, string | undefined>>): Account {
  return {
    userId: environment['SIMULATOR_USER_ID'] || DEMO_ACCOUNT.userId,
    secretKey: environment['SIMULATOR_SECRET_KEY'] || DEMO_ACCOUNT.secretKey,
    munchkinId: environment['SIMULATOR_MUNCHKIN_ID'] || DEMO_ACCOUNT.munchkinId,
  }
}
