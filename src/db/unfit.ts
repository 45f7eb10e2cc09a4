/** The database at hand cannot be served from, as it is or for who we are in it; the message is for who starts the service. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError'
}
