/** A file is no dump at all, so that nothing of it can be imported. The message is for whoever has sent it. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}
