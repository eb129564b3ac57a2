/** What an alert says to the people who receive it: what it means, and what to do. Texts only; docs/operate.md has more. */
import type { IssueKind } from './health.ts'

interface IssueText {
  /** What is wrong, as the end of a sentence that begins with the name of the relay. */
  title: string
  /** What it means for leads. */
  means: string
  /** What the operator does. */
  todo: string
}

const KEPT = 'All leads are kept.'

export const ISSUE_TEXTS: Readonly<Record<IssueKind, IssueText>> = {
  'not-kept': {
    title: 'cannot store leads',
    means: 'Visitors are asked to send their forms again. Those who do not are lost.',
    todo: 'Look at the disk or the database at once. The log has a not-kept event for each lead.',
  },
  full: {
    title: 'refuses leads, because something is full',
    means: 'Visitors are asked to send their forms again later.',
    todo: 'Find out why leads wait, or make room: form-sync waiting counts them.',
  },
  blocked: {
    title: 'is blocked by Marketo',
    means: `Marketo rejects every call until somebody acts. ${KEPT}`,
    todo: 'Correct what the reason names, usually the key or the account, and restart, or run form-sync retry.',
  },
  budget: {
    title: "has used most of the day's calls to Marketo",
    means: `When all are used, leads wait for the next day. ${KEPT}`,
    todo: 'Raise MARKETO_CALLS_PER_DAY, or find out who else calls Marketo.',
  },
  outage: {
    title: 'cannot reach Marketo',
    means: `No call succeeds. ${KEPT} The relay tries again by itself.`,
    todo: 'Nothing, unless it lasts: then look at the status page of Marketo and at your network.',
  },
  backlog: {
    title: 'has leads that wait too long',
    means: `The oldest lead has waited for five minutes or longer. ${KEPT}`,
    todo: 'See in the log which leads are retried, and why.',
  },
  weak: {
    title: 'puts off leads with weak evidence',
    means: 'The calls that such leads may use are used up for today. They wait for the next day.',
    todo: 'Look at form-sync waiting. Discard a flood, or raise MARKETO_WEAK_SHARE.',
  },
  quarantined: {
    title: 'has moved a damaged outbox aside',
    means: 'The leads in it are not sent until you recover them.',
    todo: 'Recover them as docs/deploy.md describes, and move the file to another folder.',
  },
  missing: {
    title: 'knows of fewer leads than it has accepted',
    means: 'Leads are perhaps lost.',
    todo: 'Follow docs/deploy.md, "A log that is gone".',
  },
  stranded: {
    title: 'has leads of an account that is not configured',
    means: 'These leads are not sent.',
    todo: 'Set the variables that the reason names, until no lead waits.',
  },
  drift: {
    title: 'has forms that do not fit the fields of Marketo',
    means: 'Values or leads do not arrive.',
    todo: 'form-sync check lists the differences, with what to write.',
  },
  'turned-away': {
    title: 'refuses most posts of a page',
    means: 'Leads of that page are lost.',
    todo: 'Correct the page or the forms file as the reason says.',
  },
  'form-held': {
    title: 'holds all new leads of a form',
    means: 'An operator has switched that on. The leads are kept and not sent.',
    todo: 'End it with form-sync hold <form> --off, and decide about the held leads.',
  },
  withheld: {
    title: 'holds or drops most posts of a form',
    means: 'Rules have met them. They may be real visitors.',
    todo: 'Look at them with form-sync held. If they are real, release them, and set the rule to watch.',
  },
  expiring: {
    title: 'will soon discard leads about which nobody has decided',
    means: 'Parked and held leads are kept for FORM_SYNC_PARKED_DAYS.',
    todo: 'Replay, release or discard them.',
  },
  parked: {
    title: 'has parked leads',
    means: 'Marketo refuses these leads. They are kept and no longer sent.',
    todo: 'Look at them with form-sync parked, correct them, and send them again with form-sync replay.',
  },
  reader: {
    title: 'has a log that grows, because another process reads the outbox',
    means: 'No lead waits for it, but wiped data stays on the disk.',
    todo: 'End that process.',
  },
}
