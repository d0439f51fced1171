import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** One adapter of a port, on its real server. */
export interface Adapter<Port> {
  readonly name: string;
  open(): Promise<{ readonly port: Port; close(): Promise<void> }>;
  /** Cases that it cannot pass, each with the reason. They are tried all the same: one that passes must leave this list. */
  readonly notSupported?: Readonly<Record<string, string>>;
}

/** What every adapter of a port must do: a sentence, and its proof. */
export type Cases<Port> = Readonly<Record<string, (port: Port) => Promise<void>>>;

/** Runs the same cases for every adapter of a port. */
export function contract<Port>(cases: Cases<Port>, adapters: readonly Adapter<Port>[]): void {
  describe.each(adapters)('$name', (adapter) => {
    const notSupported = adapter.notSupported ?? {};
    let opened: Awaited<ReturnType<Adapter<Port>['open']>>;
    beforeAll(async () => {
      opened = await adapter.open();
    }, 600_000);
    afterAll(() => opened?.close(), 180_000);

    it('lists as not supported only what the contract asks for', () => {
      expect(Object.keys(cases)).toEqual(expect.arrayContaining(Object.keys(notSupported)));
    });

    for (const [what, prove] of Object.entries(cases)) {
      const reason = notSupported[what];
      if (reason === undefined) it(what, () => prove(opened.port));
      else
        it(`NOT SUPPORTED: ${what}, because ${reason}`, async () => {
          await expect(prove(opened.port), 'it does: take it off the list').rejects.toThrow();
        });
    }
  });
}

/** A case for each row, whose first word is its name. */
export function casesOf<Row extends readonly [name: string, ...rest: unknown[]], Port>(
  sentence: (name: string) => string,
  rows: readonly Row[],
  prove: (port: Port, row: Row) => Promise<void>,
): Cases<Port> {
  return Object.fromEntries(rows.map((row) => [sentence(row[0]), (port: Port) => prove(port, row)]));
}
