/** Reads the version of form-sync, as `form-sync --version` prints it. */
import manifest from '../../package.json' with { type: 'json' }

export const VERSION = manifest.version
