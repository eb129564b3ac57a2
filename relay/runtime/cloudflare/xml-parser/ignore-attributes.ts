/**
 * Replaces the attribute filter of fast-xml-parser in the Worker's bundle. The relay's settings ignore no attribute.
 */

// oxlint-disable-next-line import/no-default-export -- it is the package's own export
export default function getIgnoreAttributesFn(): () => boolean {
  return () => false
}
