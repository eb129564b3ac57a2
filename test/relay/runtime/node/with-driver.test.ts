import { expect, it } from 'vitest'
import { withDriver } from '../../../../relay/runtime/node/with-driver.ts'

/** The error of an import, as Node words it. */
function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from /app/postgres.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
}

it('a database without its driver is refused with the command that installs it', async () => {
  await expect(withDriver(() => Promise.reject(missing('pg')))).rejects.toThrow(
    'FORM_SYNC_DATABASE needs the package pg, which is not installed. Run "npm install pg@8".',
  )
})

it.each([missing('hono'), new Error("package 'pg' failed")])('another failure is passed on: %s', async (failure) => {
  await expect(withDriver(() => Promise.reject(failure))).rejects.toBe(failure)
})

it('the module that was loaded is returned', async () => {
  expect(await withDriver(async () => 'module')).toBe('module')
})
