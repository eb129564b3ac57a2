/** Another process that reads an outbox file in one long transaction, as a backup or an open shell does. */
import { onTestFinished } from 'vitest'
import { startProgram, type Program } from './process.ts'

const PROGRAM = `
  const { DatabaseSync } = require('node:sqlite')
  const db = new DatabaseSync(process.argv[1])
  db.exec('BEGIN')
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
  console.log('reading')
  setInterval(() => {}, 60_000)`

/** Starts the process, and resolves when its transaction has begun. It is killed when the test has finished. */
export async function startReader(path: string): Promise<Program> {
  const reader = await startProgram(['--no-warnings', '--eval', PROGRAM, path], {}, /reading/)
  onTestFinished(async () => void (await reader.end('SIGKILL')))
  return reader
}
