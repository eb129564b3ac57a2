/**
 * The data keys of a store as its outbox uses them: types, and the answer of a store without them. `data-keys.ts` has the
 * rest, which a relay without a data key never loads.
 */
import type { JobRow } from '../job-row.ts'
import type { OwedRow } from '../owed.ts'
import { DataKeyError } from './text-cipher.ts'

/** The columns of a job that are sealed, and the id that they are bound to. */
export type SealedJob = Pick<JobRow, 'id'> & Partial<Pick<JobRow, 'lead' | 'reason' | 'history'>>

/** The columns of an owed cookie that are sealed, and the id that they are bound to. */
export type SealedOwed = Pick<OwedRow, 'id' | 'email' | 'cookie' | 'history'>

/** Seals and opens the rows of a store. A text that is not sealed is read as it is. */
export interface Sealing {
  /** Id of the key that seals; undefined while the store is not encrypted. */
  keyId: string | undefined
  /** Returns a job as it is stored. */
  sealJob<R extends SealedJob>(row: R, account: string): R
  /** Returns an owed cookie as it is stored. */
  sealOwed<R extends SealedOwed>(row: R, account: string): R
  /** Returns a row of the tables of jobs or of owed cookies as it is read, with its id; any other row unchanged. */
  open<R extends Record<string, unknown>>(row: R, account: string): R
}

/** What `meta.secret` says. */
export interface OpenedSecret {
  /** The secret of the digests, in hexadecimal. */
  secret: string
  /** Absent without data keys. */
  sealing?: Sealing
  /** What `meta.secret` is to be from now on; absent when it stays as it is. */
  changed?: string
}

/** The data keys of a relay or of a command. */
export interface DataKeys {
  /**
   * Opens the secret of a store.
   *
   * @param register whether the store is to be encrypted with the first key from now on. A command leaves that to the relay
   * @throws {DataKeyError} when a key is missing
   */
  openSecret(stored: string, register: boolean): OpenedSecret
}

/** Opens the secret of a store, with or without data keys. */
export function openSecret(stored: string, dataKeys: DataKeys | undefined, register: boolean): OpenedSecret {
  if (dataKeys) return dataKeys.openSecret(stored, register)
  if (stored.startsWith('s1.')) {
    const ids = stored.split(' ').map((part) => part.split('.')[1])
    throw new DataKeyError(`the outbox is encrypted: set FORM_SYNC_DATA_KEY to the data keys ${ids.join(', ')}`)
  }
  return { secret: stored }
}

/** Returns a new secret as it is stored first: with data keys it is never written in clear. */
export function storedSecret(secret: string, dataKeys: DataKeys | undefined): string {
  return dataKeys?.openSecret(secret, true).changed ?? secret
}
