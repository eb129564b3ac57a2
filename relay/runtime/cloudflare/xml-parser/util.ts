/**
 * Replaces the helpers of fast-xml-parser in the Worker's bundle, without the check of names: documents are checked before
 * they are parsed. The values are those of version 5.12.1.
 */

/** Names of properties that a tag or an attribute may not overwrite. */
export const DANGEROUS_PROPERTY_NAMES = [
  'hasOwnProperty',
  'toString',
  'valueOf',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]
export const criticalProperties = ['__proto__', 'constructor', 'prototype']

/** Returns all matches of a global pattern. */
export function getAllMatches(text: string, pattern: RegExp): RegExpExecArray[] {
  return [...text.matchAll(pattern)]
}

/** Returns whether a value is defined. */
export function isExist(value: unknown): boolean {
  return value !== undefined
}
