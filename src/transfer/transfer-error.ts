/** An export or an import cannot be done. The message is for the person who asked for it. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}
