/** All forms of the gallery. */
import { CONTENT_SYSTEMS } from './content-systems.ts'
import type { FormCase } from './form-case.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { HAND_WRITTEN } from './hand-written.ts'
import { PAGE_BUILDERS } from './page-builders.ts'

export const GALLERY: readonly FormCase[] = [...PAGE_BUILDERS, ...CONTENT_SYSTEMS, ...FRAMEWORKS, ...HAND_WRITTEN]
