/** Stands in for AWS Lambda: loads the function of docs/examples, calls it with each line of the input, and prints the results. */
import { createInterface } from 'node:readline'
import process from 'node:process'

const { handler } = (await import(process.argv[2] ?? '')) as {
  handler: (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<unknown>
}
process.stdout.write('ready\n')
for await (const line of createInterface(process.stdin)) {
  const result = await handler(JSON.parse(line), { getRemainingTimeInMillis: () => 120_000 })
  process.stdout.write(`result ${JSON.stringify(result ?? null)}\n`)
}
process.exit(0)
