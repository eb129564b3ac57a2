/**
 * The data keys of the objects, and their rotation. An object loads this module when `FORM_SYNC_DATA_KEY` is set, so that no
 * other one waits for its code.
 */
import type { Environment } from '../../config/account.ts'
import { readDataKeys } from '../../config/data-keys.ts'
import { createDataKeys } from '../../outbox/sealing/data-keys.ts'
import { FIRST_PLACE, isRotated, type ResealedStore, type ResealPlace } from '../../outbox/sealing/reseal.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import type { Sql } from '../../outbox/sqlite/database.ts'
import type { Act } from '../../outbox/acts.ts'
import { beginAct, endAct } from '../../outbox/sqlite/acts.ts'
import { resealSqlite } from '../../outbox/sqlite/reseal.ts'
import { reasonOf } from '../../monitoring/events.ts'
import { createTextCipher } from '../data-cipher.ts'
import { log } from './log.ts'

/** Pause between two steps of a rotation, in ms, in which the object stores and delivers leads. */
const PAUSE_MS = 20

/** Name under which an object stores the id of the key that all of its rows have. */
const ROTATED_TO = 'data-key'

export interface ObjectKeys {
  dataKeys: DataKeys
  /** Seals all rows of an object with the first key, unless they are known to have it. The outbox must be open. */
  rotate(sql: Sql, kv: SyncKvStorage): Promise<void>
}

/** @throws when the variable has no valid keys: nothing may be stored without encryption then */
export function openDataKeys(env: Environment): ObjectKeys {
  const keys = readDataKeys(env, (place, problem) => {
    throw new Error(`${place}: ${problem}`)
  })
  const cipher = createTextCipher(keys)
  return {
    dataKeys: createDataKeys(cipher),
    async rotate(sql, kv) {
      const [first] = cipher.keyIds
      if (kv.get(ROTATED_TO) === first) return
      try {
        const store = resealSqlite(sql, cipher, false)
        let act: number | undefined
        await takeSteps(store, (changed) => {
          // Of a start that has nothing to change there is no record: an object may start often.
          if (changed > 0) endAct(sql, (act ??= beginAct(sql, actOf(first), null, Date.now())), changed)
        })
        if (isRotated(await store.finish(), first)) kv.put(ROTATED_TO, first)
      } catch (error) {
        // The next start tries again.
        log({ event: 'error', where: 'data keys', reason: reasonOf(error) })
      }
    },
  }
}

/** Returns what the audit log has about a rotation. */
function actOf(key: string | undefined): Omit<Act, 'person'> {
  return { kind: 'encrypt', by: 'relay', via: 'relay', selector: JSON.stringify({ key }) }
}

/**
 * Seals all rows.
 *
 * @param onStep called after each step, before anything else runs, with the number of rows that were changed so far
 */
async function takeSteps(store: ResealedStore, onStep: (changed: number) => void): Promise<void> {
  let changed = 0
  for (let place: ResealPlace | undefined = FIRST_PLACE; place !== undefined;) {
    const step: Awaited<ReturnType<ResealedStore['step']>> = await store.step(place)
    place = step.next
    changed += step.changed
    onStep(changed)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
