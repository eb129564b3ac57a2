/** The upgrade of older tables, as a module that a Durable Object loads when it finds some. */
export { upgradeTables } from '../../outbox/sqlite/upgrade-tables.ts'
