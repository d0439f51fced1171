/** Something that is wrong, how it shows, and the command that helps: of docs/operate.md, and of the verbs' own help. */
export interface Trouble {
  readonly wrong: string;
  readonly see: string;
  /** What to type, with an example's arguments. */
  readonly command: string;
}

const five = '--from 2026-11-24T17:00:00Z';

/** From the first look to what is rarely needed. */
export const troubles: readonly Trouble[] = [
  {
    wrong: 'something, and nobody knows what',
    see: 'an alarm; a red task in Airflow; tables that are old',
    command: 'npm run status',
  },
  {
    wrong: 'a server or a step fails',
    see: '`status` names it: `kafka is failed`, `rows have waited 70 s for the relay`',
    command: 'npm run logs -- millrace-relay',
  },
  {
    wrong: 'records may be missing, or too many',
    see: 'the alarm on unbalanced runs; a sum that does not hold',
    command: `npm run reconcile -- random-users ${five} --until 2026-11-24T17:05:00Z`,
  },
  {
    wrong: 'runs were missed: the source was down, or the stage was off',
    see: '`reconcile`: `3 missing`, `no run`',
    command: `npm run backfill -- random-users ${five} --to 2026-11-24T17:05:00Z`,
  },
  {
    wrong: 'a table lacks rows that landed, or has only older ones',
    see: '`reconcile --deep`: `not in users`',
    command: `npm run reconcile -- random-users ${five} --until 2026-11-24T17:05:00Z --deep --repair`,
  },
  {
    wrong: 'a table came later than the records',
    see: 'it lacks rows that the pipeline’s other tables have',
    command: 'npm run rebuild -- random-users --table users_by_country',
  },
  {
    wrong: 'records are dead',
    see: '`status`: `2 dead`; the alarm on dead letters',
    command: 'npm run dead -- list random-users --reason missing',
  },
  {
    wrong: 'nobody knows why a record died',
    see: '`dead -- list` names it, without what it holds',
    command: 'npm run dead -- show random-users 1771234560000003',
  },
  {
    wrong: 'records died of a rule or a schema that has been mended since',
    see: '`dead -- list`: the same reason again and again, `open`',
    command: 'npm run redrive -- random-users --reason missing',
  },
  {
    wrong: 'the stream does harm, or its tables are to be worked on',
    see: 'writes to the tables that nobody wants now',
    command: 'npm run stream -- stop random-users --because "a bad release"',
  },
  {
    wrong: 'a pipeline was left out of the job by an operator',
    see: '`stream -- status`: `stopped by an operator`, the lag grows',
    command: 'npm run stream -- start random-users',
  },
  {
    wrong: 'the topic has lost records that the tables lack',
    see: '`status`: `the topic no longer holds offsets`; `stream -- status` names the holes',
    command:
      'npm run stream -- accept-loss random-users --partition 0 --from 1200 --until 1260 --because "kept for a week, off for two"',
  },
  {
    wrong: 'somebody wants their records removed, for ever',
    see: 'a request; `erase` says where the records are, and until when the topic may hold a copy',
    command: 'npm run erase -- random-users --key user_id=1b4e28ba-2fa1-4d2b-883f-b9a761bde3fb --verify',
  },
  {
    wrong: 'landing grows: days of it are due and do not go',
    see: 'the alarm on overdue days; `retain`: `kept: not all of it is in the tables`',
    command: 'npm run retain',
  },
];

/** The rows of the commands of a verb; all of them for `status`, where an operator begins. */
export const troublesOf = (verb: string): readonly Trouble[] =>
  verb === 'status' ? troubles : troubles.filter(({ command }) => command.split(' ')[2] === verb);

/** The same as text below a verb's help; empty for a verb that mends nothing. */
export function troubleHelp(verb: string): string {
  const rows = troublesOf(verb).map(({ wrong, see, command }) => `  ${wrong}\n    you see: ${see}\n    ${command}\n`);
  return rows.length === 0 ? '' : `\nWhen\n${rows.join('')}`;
}
