import { input, select } from '@inquirer/prompts';
import type { PiiClass } from '../../../streaming/fields.ts';
import type { SampledField } from '../infer/fields.ts';
import type { RecordTime } from '../infer/time.ts';
import type { Decider } from '../proposal.ts';

/** Streams that a test may hand in; the terminal unless said. */
export interface Terminal {
  readonly input?: NodeJS.ReadableStream;
  readonly output?: NodeJS.WritableStream;
}

/** Asks a person at a terminal what the sample leaves open; every question begins at its guess. */
export function questions(terminal: Terminal = {}): Decider {
  return {
    list: (lists) =>
      select(
        {
          message: 'Which list holds the records?',
          choices: lists.map((list) => ({ name: `${list.path} (${list.records.length})`, value: list })),
        },
        terminal,
      ),
    address: async () => {
      const message = 'Address that the pipeline will ask (https://..., empty when it is not known yet)';
      return (await input({ message }, terminal)) || undefined;
    },
    key: (candidates) =>
      select(
        {
          message: 'Which field tells the records apart, also in later answers?',
          choices: candidates.map(({ field }) => ({ name: `${field.path}, such as ${field.values[0]}`, value: field })),
        },
        terminal,
      ),
    time: (candidates) =>
      select<RecordTime | undefined>(
        {
          message: 'A second table by day of a time?',
          choices: [
            ...candidates.map((time) => ({ name: `${time.field.path}: ${meaning[time.kind]}`, value: time })),
            { name: 'no, one table by key', value: undefined },
          ],
        },
        terminal,
      ),
    pii: (fields) => askPii(fields, terminal),
  };
}

const meaning = {
  changes: 'when the record last changed; it becomes its version',
  fixed: 'never changes for one record',
} as const;

const nextClass = { none: 'quasi', quasi: 'direct', direct: 'none' } as const satisfies Record<PiiClass, PiiClass>;

/** One list: a field that is chosen takes its next class, until the list is right. */
async function askPii(fields: readonly SampledField[], terminal: Terminal): Promise<ReadonlyMap<string, PiiClass>> {
  const classes = new Map(fields.map(({ path, pii }) => [path, pii]));
  for (let at = ''; ; ) {
    const path = await select(
      {
        message: 'What says something about a person? (direct: names one; quasi: narrows down together with others)',
        default: at,
        pageSize: 20,
        choices: [
          { name: 'right as it is', value: '' },
          ...fields.map(({ path, name }) => ({ name: `${name.padEnd(24)} ${classes.get(path)}`, value: path })),
        ],
      },
      terminal,
    );
    const before = classes.get(path);
    if (before === undefined) return classes;
    classes.set(path, nextClass[before]);
    at = path;
  }
}
