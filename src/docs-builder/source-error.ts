/** The source cannot be used, or the snapshot not be written. The message is a sentence for the person who started the build. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
