/**
 * The turn of a job among those of its lane: a number, and the smallest is next. Of the same turn the job goes first that is
 * due longest. Pure; each store has the rule as SQL.
 *
 * A job gets its turn when its time has come: when it is added, or else when a claim finds it due. It is that of the job
 * which is next, so that it waits for no more than one job of each source; but a source has each turn once: its next job
 * has the turn after its last one. A job without a source has the turn of the next one. A turn ends when the job is leased,
 * or has to wait again. While no job of a lane has a turn, they begin at 0.
 */

/** Number of jobs that get their turns at once, those first that are due longest. More than the jobs of a batch. */
export const TURNS_AT_ONCE = 500

/** The source of all replayed jobs: no visitor waits for the thousands that an operator may replay. */
export const REPLAY_SOURCE = 'replay'

/**
 * Condition, in SQL, that a job keeps the place that it had when it was leased: it is due no later than it was accepted. It
 * has the turn of the next job, whatever the last one of its source is.
 */
export const KEEPS_PLACE = '(attempts > 0 AND due_at <= accepted_at)'
