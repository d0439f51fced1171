/** What one place is made of, each fact by a path such as `topic/random-users.v1/partitions`. */
export type Facts = ReadonlyMap<string, string>;

export interface Difference {
  readonly fact: string;
  readonly here: string;
  readonly onAws: string;
}

/** What stands for a fact that one place does not have. */
export const nothing = '-';

export function differencesOf(here: Facts, onAws: Facts): readonly Difference[] {
  const facts = [...new Set([...here.keys(), ...onAws.keys()])].sort();
  return facts
    .map((fact) => ({ fact, here: here.get(fact) ?? nothing, onAws: onAws.get(fact) ?? nothing }))
    .filter((each) => each.here !== each.onAws);
}

/** A line of docs/parity.md: the facts that it is about, and why they differ. */
export interface Line {
  readonly id: string;
  /** Paths in which `*` stands for one part. */
  readonly facts: readonly string[];
  readonly why: string;
}

/** The lines of the table whose first column is headed `id`; other tables of the text are for people alone. */
export function linesOf(markdown: string): readonly Line[] {
  const [, table = ''] = /\n\| id \|[^\n]*\n\|[-| ]+\n((?:\|[^\n]*\n)+)/.exec(markdown) ?? [];
  return table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, id = '', facts = '', , , why = '']) => ({
      id: id.replaceAll('`', ''),
      facts: [...facts.matchAll(/`([^`]+)`/g)].map(([, fact = '']) => fact),
      why,
    }));
}

/** What is wrong between what differs and what is written about it. */
export function problemsOf(differences: readonly Difference[], lines: readonly Line[]): readonly string[] {
  const isAbout = (line: Line, { fact }: Difference) => line.facts.some((pattern) => matches(pattern, fact));
  const unexplained = differences.filter((difference) => !lines.some((line) => isAbout(line, difference)));
  const idle = lines.flatMap(({ id, facts }) =>
    facts
      .filter((pattern) => !differences.some(({ fact }) => matches(pattern, fact)))
      .map((pattern) => ({ id, pattern })),
  );
  return [
    ...unexplained.map(({ fact, here, onAws }) => `no line explains ${fact}: ${here} here, ${onAws} on AWS`),
    ...idle.map(({ id, pattern }) => `${id}: nothing differs in ${pattern}`),
    ...lines
      .filter(({ why }) => why.length < 20)
      .map(({ id, why }) => `${id}: expected a reason, got ${JSON.stringify(why)}`),
  ];
}

function matches(pattern: string, fact: string): boolean {
  const parts = pattern.split('/').map((part) => part.replaceAll('.', '\\.').replaceAll('*', '[^/]*'));
  return new RegExp(`^${parts.join('/')}$`).test(fact);
}
