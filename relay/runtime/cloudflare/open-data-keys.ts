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
        await takeSteps(store)
        if (isRotated(await store.finish(), first)) kv.put(ROTATED_TO, first)
      } catch (error) {
        // The next start tries again.
        log({ event: 'error', where: 'data keys', reason: reasonOf(error) })
      }
    },
  }
}

async function takeSteps(store: ResealedStore): Promise<void> {
  for (let place: ResealPlace | undefined = FIRST_PLACE; place !== undefined;) {
    const step: Awaited<ReturnType<ResealedStore['step']>> = await store.step(place)
    place = step.next
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
