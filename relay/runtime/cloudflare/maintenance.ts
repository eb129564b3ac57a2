/** What operators ask of an outbox, as a module that a Durable Object loads when one asks. */
export { discard, erase, expire, findPerson, forgetTurns, holdForm, survey } from '../../outbox/sqlite/maintenance.ts'
