/**
 * The methods of the outbox that operators ask for, and no visitor. A module of its own, because the Worker loads it with the
 * first of them.
 */
export { beginAct, endAct, listActs } from './acts.ts'
export { forgetTurns } from './cookie-turns.ts'
export { discard } from './discard.ts'
export { expire } from './expiry.ts'
export { holdForm } from './held-forms.ts'
export { erase, findPerson } from './person.ts'
export { survey } from './selected.ts'
