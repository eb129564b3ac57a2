/** Terminates TLS in front of a relay, as a server of the reader's own does: `node tls.ts <folder of key and certificate>`. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'

const folder = process.argv[2] ?? ''
const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name)))

createServer({ key, cert }, (visitor) => {
  const relay = connect(8787, '127.0.0.1')
  visitor.on('error', () => relay.destroy()).pipe(relay)
  relay.on('error', () => visitor.destroy()).pipe(visitor)
}).listen(443, '127.0.0.1', () => process.stdout.write('tls ready\n'))
