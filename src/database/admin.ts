/** What commands and migrations need besides: the whole of a database at once, without limits of time. */
export {
  DatabaseSetupError,
  DatabaseUnavailableError,
  isBusy,
  isRefusal,
  isTransient,
  isUnavailable,
  OutcomeUnknownError,
} from './errors.js';
export { commit, confirmFile, longReader, longSource } from './long-sources.js';
export { type MigrationState, readMigrationState } from './migration-state.js';
export { migrate, MigrationError, revertMigration } from './migrate.js';
export { notify } from './postgres/changes.js';
export { raiseSequence, raiseSequences, readSequences, type Sequence } from './sqlite/sequences.js';
