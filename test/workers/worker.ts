/**
 * The Worker of the tests. It has six classes of Durable Objects: a bare outbox, the relay's own object, and the same
 * with a Marketo account, of SOAP and of REST, with three of them, and with data keys.
 */
import { DurableObject } from 'cloudflare:workers'
import type { MovedJob } from '../../relay/outbox/move-between.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import type { OutboxOptions } from '../../relay/outbox/options.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { LeadOutbox } from '../../relay/runtime/cloudflare/lead-outbox.ts'
import type { Env } from '../../relay/runtime/cloudflare/bindings.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'

export { LeadOutbox } from '../../relay/runtime/cloudflare/lead-outbox.ts'

declare global {
  /** The runtime's types read the Worker's bindings from here. */
  namespace Cloudflare {
    interface Env {
      BARE: DurableObjectNamespace<OutboxObject>
      OUTBOX: DurableObjectNamespace<LeadOutbox>
      DELIVERING: DurableObjectNamespace<DeliveringOutbox>
      REST: DurableObjectNamespace<RestOutbox>
      SEVERAL: DurableObjectNamespace<SeveralOutbox>
      ENCRYPTED: DurableObjectNamespace<EncryptedOutbox>
    }
  }
}

export class OutboxObject extends DurableObject {
  readonly sql = durableObjectSql(this.ctx.storage)
  #opened: Promise<unknown> = Promise.resolve()

  /** Opens an outbox once the one before is open: nothing opens the tables of an object twice at once. */
  outbox(options: Omit<OutboxOptions, 'crypto'>): Promise<Outbox> {
    const open = () => createSqliteOutbox(this.sql, { ...options, crypto: WORKERD_CRYPTO })
    const opening = this.#opened.then(open, open)
    this.#opened = opening
    return opening
  }
}

/** An object that delivers its leads. A test answers in place of Marketo. */
export class DeliveringOutbox extends LeadOutbox {
  /** Resolves when the object has looked for due leads at its start, and has set or deleted its alarm. */
  readonly started: Promise<void>

  constructor(state: DurableObjectState, env: Env & { DELIVERING: Env['OUTBOX'] }) {
    super(state, {
      ...env,
      OUTBOX: env.DELIVERING,
      MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
      MARKETO_USER_ID: 'acme_1',
      MARKETO_SECRET_KEY: 'correct horse battery',
    } as Env)
    // Setting its alarm is the first work that the object does in the background.
    this.started = new Promise((resolve) => {
      const waitUntil = state.waitUntil.bind(state)
      state.waitUntil = (work: Promise<unknown>) => {
        waitUntil(work)
        void work.then(() => resolve())
      }
    })
  }
}

/** The same with an account of REST. */
export class RestOutbox extends LeadOutbox {
  constructor(state: DurableObjectState, env: Env & { REST: Env['OUTBOX'] }) {
    super(state, {
      ...env,
      OUTBOX: env.REST,
      MARKETO_REST_ENDPOINT: 'https://marketo.example/rest',
      MARKETO_CLIENT_ID: 'client',
      MARKETO_CLIENT_SECRET: 'correct horse battery',
    } as Env)
  }
}

/** The variables of an account of SOAP without a name, and of two accounts of REST. */
export const SEVERAL_ACCOUNTS = {
  MARKETO_SOAP_ENDPOINT: 'https://first.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  MARKETO_SANDBOX_REST_ENDPOINT: 'https://sandbox.example/rest',
  MARKETO_SANDBOX_CLIENT_ID: 'sandbox-client',
  MARKETO_SANDBOX_CLIENT_SECRET: 'sandbox secret',
  MARKETO_LABS_REST_ENDPOINT: 'https://labs.example/rest',
  MARKETO_LABS_CLIENT_ID: 'labs-client',
  MARKETO_LABS_CLIENT_SECRET: 'labs secret',
  MARKETO_LABS_SHARDS: '2',
  FORM_SYNC_ALERT_URL: 'https://alerts.example/hook',
  MARKETO_SANDBOX_CALLS_PER_20S: '100',
  MARKETO_LABS_CALLS_PER_20S: '100',
}

/** The same with these accounts. */
export class SeveralOutbox extends LeadOutbox {
  /** Called after leads of another account were stored, before their object knows. A test may let it fail. */
  static afterReceiving: () => Promise<void> = () => Promise.resolve()
  /** The forms of objects that are started from now on. By default they are those of the repository. */
  static forms: unknown

  constructor(state: DurableObjectState, env: Env & { SEVERAL: Env['OUTBOX'] }) {
    super(state, { ...env, ...SEVERAL_ACCOUNTS, OUTBOX: env.SEVERAL, FORM_SYNC_FORMS: SeveralOutbox.forms })
  }

  override async receive(jobs: MovedJob[], now: number): Promise<void> {
    await super.receive(jobs, now)
    await SeveralOutbox.afterReceiving()
  }
}

/** An object without an account, whose leads wait, with data keys. */
export class EncryptedOutbox extends LeadOutbox {
  /** `FORM_SYNC_DATA_KEY` of objects that are started from now on. */
  static keys = ''

  constructor(state: DurableObjectState, env: Env & { ENCRYPTED: Env['OUTBOX'] }) {
    super(state, { ...env, OUTBOX: env.ENCRYPTED, FORM_SYNC_DATA_KEY: EncryptedOutbox.keys } as Env)
  }
}
