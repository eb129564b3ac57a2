/**
 * The cipher of the data keys by `node:crypto`, which Node and workerd have: AES-256-GCM (NIST SP 800-38D) with random
 * nonces of 96 bits. It knows neither tables nor variables.
 *
 * The chance that a nonce repeats stays below one in 2^32 for the first 2^32 texts of a key, as that standard asks.
 */
import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { DataKeyError, type TextCipher } from '../outbox/sealing/text-cipher.ts'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Length of a key's id, in characters of base64url: 48 bits. */
const KEY_ID_LENGTH = 8

/**
 * Creates the cipher.
 *
 * @param keys keys of 32 bytes
 */
export function createTextCipher(keys: readonly Uint8Array[]): TextCipher {
  // A key object is ten times as fast as bytes, which would be checked and copied for each text.
  const byId = new Map(keys.map((key) => [keyIdOf(key), createSecretKey(key)]))
  const keyIds = [...byId.keys()]
  return {
    keyIds,
    seal(text, context, keyId) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, byId.get(keyId)!, nonce)
      cipher.setAAD(Buffer.from(context))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return ['s1', keyId, ...[nonce, cipher.getAuthTag(), sealed].map((bytes) => bytes.toString('base64url'))].join(
        '.',
      )
    },
    open(sealed, context) {
      const [, keyId = '', ...parts] = sealed.split('.')
      const key = byId.get(keyId)
      if (!key) {
        throw new DataKeyError(
          `${context} is encrypted with the data key ${keyId}, and FORM_SYNC_DATA_KEY has only ${keyIds.join(', ')}`,
        )
      }
      const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'))
      const decipher = createDecipheriv(ALGORITHM, key, nonce!, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(tag!)
      try {
        return Buffer.concat([decipher.update(text!), decipher.final()]).toString('utf8')
      } catch {
        throw new DataKeyError(`${context} cannot be decrypted: it was changed, or is that of another row`)
      }
    },
  }
}

/** Returns the id of a key: a digest that says nothing about it. */
function keyIdOf(key: Uint8Array): string {
  return createHmac('sha256', key).update('form-sync data key').digest('base64url').slice(0, KEY_ID_LENGTH)
}
