/** What operators ask of an outbox, as a module that a Durable Object loads when one asks. */
export * from '../../outbox/sqlite/maintenance.ts'
