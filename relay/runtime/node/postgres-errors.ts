/**
 * Errors of a PostgreSQL server or of the connection to it, with advice for the operator.
 */
import { DatabaseError } from 'pg'

/**
 * Advice for the operator by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or by the system's
 * error code.
 */
const ADVICE: Readonly<Record<string, string>> = {
  '25006': 'It is a standby, or set to read-only. Set FORM_SYNC_DATABASE to the primary.',
  '28000': 'Check the user in FORM_SYNC_DATABASE, and the server’s pg_hba.conf.',
  '28P01': 'Check the user and the password in FORM_SYNC_DATABASE.',
  '3D000': 'Create the database, or name another in FORM_SYNC_DATABASE.',
  '3F000': 'Create the schema that the search path names, or change the search path.',
  '42501': 'Give the user of FORM_SYNC_DATABASE the right to create tables and to read and write them.',
  '53100': 'Free some space on the disk of the database. A running relay then continues by itself.',
  '53300': 'The server allows no more connections. Each relay opens up to five.',
  ECONNREFUSED: 'Check that the server runs and listens at the address in FORM_SYNC_DATABASE.',
  ENOENT: 'Check that the server runs and listens at the address in FORM_SYNC_DATABASE.',
  ENOTFOUND: 'Check the host in FORM_SYNC_DATABASE.',
  EAI_AGAIN: 'Check the host in FORM_SYNC_DATABASE.',
}

/** SQLSTATEs of a conflict with another transaction: a deadlock, the same lead id, or another first lead of a person. */
const COLLISIONS = new Set(['40001', '40P01', '23505'])

/**
 * Classes of SQLSTATE that concern the server or the connection, not the statement: connection, standby, resources,
 * operator intervention, system error.
 */
const SERVER_CLASSES = new Set(['08', '25', '53', '57', '58'])

/**
 * The database rejects a statement or does not answer. The message has the database's own words, then advice. All other
 * fields of the `pg` error are left out, also as a cause: they quote rows, and rows hold a person's data.
 */
export class PostgresError extends Error {
  /** The SQLSTATE or the system's error code; undefined if no answer came in time. */
  readonly code: string | undefined
  /** True if the error concerns the server or the connection: the next statement would fail too. */
  readonly lost: boolean

  constructor(message: string, code: string | undefined, lost: boolean) {
    super(message)
    this.name = 'PostgresError'
    this.code = code
    this.lost = lost
  }
}

/** Converts an error of `pg`, and adds advice. */
export function toPostgresError(error: Error): PostgresError {
  const code = (error as { code?: string }).code
  const answered = error instanceof DatabaseError
  // For a host with several addresses the error covers all attempts and has no message of its own.
  const words = error.message || `no connection (${code ?? 'unknown'})`
  const advice = ADVICE[code ?? '']
  const message = advice === undefined ? words : `${words}. ${advice}`
  return new PostgresError(message, code, !answered || SERVER_CLASSES.has((code ?? '').slice(0, 2)))
}

/** Returns true if the same transaction may succeed when it is repeated. */
export function isCollision(error: unknown): boolean {
  return error instanceof PostgresError && COLLISIONS.has(error.code ?? '')
}

/** Returns true if the database could not be reached or could not work. */
export function isLost(error: unknown): boolean {
  return error instanceof PostgresError && error.lost
}
