/** Somebody pressed Ctrl-C; what AWS had begun it may go on with. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Runs a command and ends the process with its exit code; an error is one message for a person and exit code 1. */
export async function endWith(command: () => Promise<number>): Promise<never> {
  try {
    process.exit(await command());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof Interrupted ? 130 : 1);
  }
}
