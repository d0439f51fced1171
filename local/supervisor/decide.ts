/** What is decided about services, as functions of data; supervised.ts acts on it. */

interface Node {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** Dependencies before those who need them; otherwise the order given. Throws on an unknown name or a circle. */
export function startOrder<T extends Node>(services: readonly T[]): readonly T[] {
  requireKnownNames(services);
  const order: T[] = [];
  while (order.length < services.length) {
    const placed = new Set(order.map(({ name }) => name));
    const next = services.filter(
      ({ name, dependsOn }) => !placed.has(name) && dependsOn.every((need) => placed.has(need)),
    );
    if (next.length === 0)
      throw new Error(`Services wait for each other in a circle: ${missingFrom(services, placed).join(', ')}.`);
    order.push(...next);
  }
  return order;
}

function requireKnownNames(services: readonly Node[]): void {
  const names = new Set(services.map(({ name }) => name));
  for (const { name, dependsOn } of services) {
    const unknown = dependsOn.find((need) => !names.has(need));
    if (unknown) throw new Error(`Service ${name} depends on ${unknown}, which is not among ${[...names].join(', ')}.`);
  }
}

function missingFrom(services: readonly Node[], placed: ReadonlySet<string>): readonly string[] {
  return services.map(({ name }) => name).filter((name) => !placed.has(name));
}

/** What is wanted of a server, and what is seen of it. */
export interface Look {
  readonly wanted: 'up' | 'down';
  readonly process: 'runs' | 'gone';
  /** Whether it just answered by its own protocol. */
  readonly answers: boolean;
  /** Whether it has been silent for longer than it may. */
  readonly isOverdue: boolean;
}

export type Verdict = 'unwanted' | 'gone' | 'healthy' | 'wait' | 'silent';

/** How a server is. Asked again and again while it starts and while it runs; only the patience differs. */
export function verdict({ wanted, process, answers, isOverdue }: Look): Verdict {
  if (wanted === 'down') return 'unwanted';
  if (process === 'gone') return 'gone';
  if (answers) return 'healthy';
  return isOverdue ? 'silent' : 'wait';
}

export interface Exit {
  /** An exit that was asked for is no crash. */
  readonly wanted: 'up' | 'down';
  /** Moments of all crashes so far in milliseconds, this one last. */
  readonly crashes: readonly number[];
}

export type AfterExit =
  | { readonly action: 'nothing' }
  | { readonly action: 'restart'; readonly afterMs: number }
  | { readonly action: 'give-up'; readonly because: string };

const windowMs = 120_000;
const maxRestarts = 5;
const firstDelayMs = 1000;

/** A crash now and then is repaired, each time after twice the wait; a server that cannot stay up is left down. */
export function afterExit({ wanted, crashes }: Exit): AfterExit {
  if (wanted === 'down') return { action: 'nothing' };
  const now = crashes.at(-1) ?? 0;
  const recent = crashes.filter((moment) => now - moment < windowMs).length;
  if (recent > maxRestarts) {
    return { action: 'give-up', because: `it crashed ${recent} times within ${windowMs / 1000} s` };
  }
  return { action: 'restart', afterMs: firstDelayMs * 2 ** Math.max(0, recent - 1) };
}
