/** The server (or this client, before sending) refused a command or request: nothing changed. */
export class Rejection extends Error {
  override readonly name = "Rejection";

  constructor(
    /** A stable snake_case word. */
    readonly code: string,
    message: string,
    /** The offending input, if one is to blame. */
    readonly field: string | null = null,
    /** When trying again can help, in seconds. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}
