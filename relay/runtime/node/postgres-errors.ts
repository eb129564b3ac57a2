/**
 * What a PostgreSQL refuses, in words that say what to do: the one table of them.
 */
import { DatabaseError } from 'pg'

/**
 * What the operator does about it, by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or by
 * the system's code.
 */
const ADVICE: Readonly<Record<string, string>> = {
  '25006': 'It is a standby, or set to read-only. Name the primary in FORM_SYNC_DATABASE.',
  '28000': 'See the user in FORM_SYNC_DATABASE, and what the server’s pg_hba.conf lets in.',
  '28P01': 'See the user and the password in FORM_SYNC_DATABASE.',
  '3D000': 'Create the database, or name another in FORM_SYNC_DATABASE.',
  '3F000': 'Create the schema that the search path names, or give it another.',
  '42501': 'Give the user of FORM_SYNC_DATABASE the right to make tables, and to read and write them.',
  '53100': 'Free some space on the disk of the database. A relay that runs goes on by itself.',
  '53300': 'The server allows no more connections. Each relay takes up to five.',
  ECONNREFUSED: 'See that it runs, and listens where FORM_SYNC_DATABASE says.',
  ENOENT: 'See that it runs, and listens where FORM_SYNC_DATABASE says.',
  ENOTFOUND: 'See the host in FORM_SYNC_DATABASE.',
  EAI_AGAIN: 'See the host in FORM_SYNC_DATABASE.',
}

/** Another transaction came first: a deadlock, a lead of the same id, the first lead of the same person. */
const COLLISIONS = new Set(['40001', '40P01', '23505'])

/**
 * Classes of SQLSTATE that say something about the server or the way to it, and nothing about the statement: the
 * connection, a standby, resources, an operator's doing, the system.
 */
const OF_THE_SERVER = new Set(['08', '25', '53', '57', '58'])

/**
 * The database refuses or does not answer. The message is its own words, then what to do. What else `pg` knows of the
 * error is left out, the cause too: it quotes rows, and rows hold a person's data.
 */
export class PostgresError extends Error {
  /** The SQLSTATE, or the system's code; undefined where no answer came in time. */
  readonly code: string | undefined
  /** True where it says nothing about the statement: the next one would fail like it. */
  readonly lost: boolean

  constructor(message: string, code: string | undefined, lost: boolean) {
    super(message)
    this.name = 'PostgresError'
    this.code = code
    this.lost = lost
  }
}

/** The same failure with what to do about it. For what `pg` rejects with. */
export function withAdvice(error: Error): PostgresError {
  const code = (error as { code?: string }).code
  const answered = error instanceof DatabaseError
  // A host with several addresses: each was tried, and the error has no words of its own.
  const words = error.message || `no connection (${code ?? 'unknown'})`
  const advice = ADVICE[code ?? '']
  const message = advice === undefined ? words : `${words}. ${advice}`
  return new PostgresError(message, code, !answered || OF_THE_SERVER.has((code ?? '').slice(0, 2)))
}

/** Says that the same would do if it were done anew. */
export function isCollision(error: unknown): boolean {
  return error instanceof PostgresError && COLLISIONS.has(error.code ?? '')
}

/** Says that the database could not be asked at all. */
export function isLost(error: unknown): boolean {
  return error instanceof PostgresError && error.lost
}
