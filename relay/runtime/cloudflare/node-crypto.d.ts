/** The part of Node's modules that the cipher uses. workerd has them, and its types do not. */
declare module 'node:buffer' {
  interface Buffer extends Uint8Array {
    toString(encoding?: 'utf8' | 'base64url'): string
  }
  const Buffer: {
    from(text: string, encoding?: 'base64url'): Buffer
    concat(parts: readonly Uint8Array[]): Buffer
  }
}

declare module 'node:crypto' {
  import type { Buffer } from 'node:buffer'

  interface KeyObject {
    readonly type: string
  }
  interface Cipher {
    setAAD(context: Uint8Array): unknown
    update(text: string, encoding: 'utf8'): Buffer
    final(): Buffer
    getAuthTag(): Buffer
  }
  interface Decipher {
    setAAD(context: Uint8Array): unknown
    setAuthTag(tag: Uint8Array): unknown
    update(text: Uint8Array): Buffer
    final(): Buffer
  }
  function randomBytes(length: number): Buffer
  function createSecretKey(key: Uint8Array): KeyObject
  function createHmac(
    algorithm: string,
    key: Uint8Array,
  ): {
    update(text: string): { digest(encoding: 'base64url'): string }
  }
  function createCipheriv(algorithm: 'aes-256-gcm', key: KeyObject, nonce: Uint8Array): Cipher
  function createDecipheriv(
    algorithm: 'aes-256-gcm',
    key: KeyObject,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): Decipher
}
