import { evaluator } from './evaluate.ts';
import { resourcesOf, type Templates } from './synthesized.ts';

export interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly except: readonly string[];
}

const all = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** What every named role is allowed, policies of its own and attached ones together. */
export function allowedByRole(templates: Templates): ReadonlyMap<string, readonly Allowed[]> {
  const evaluate = evaluator(templates);
  const allowed = new Map<string, Allowed[]>();
  for (const { noun, id, Properties } of resourcesOf(templates, 'AWS::IAM::Role')) {
    const name = String(Properties['RoleName'] ?? `${noun}.${id}`);
    const inline = all(Properties['Policies'] ?? []).map(
      (policy) => (policy as { PolicyDocument: unknown }).PolicyDocument,
    );
    allowed.set(
      name,
      inline.flatMap((document) => statementsOf(evaluate(noun, document))),
    );
  }
  for (const { noun, Properties } of resourcesOf(templates, 'AWS::IAM::Policy')) {
    for (const role of all(evaluate(noun, Properties['Roles']) as string[])) {
      const more = statementsOf(evaluate(noun, Properties['PolicyDocument']));
      allowed.set(role, [...(allowed.get(role) ?? []), ...more]);
    }
  }
  return allowed;
}

function statementsOf(document: unknown): Allowed[] {
  const { Statement } = document as { Statement: readonly Record<string, string | string[]>[] };
  return Statement.map(({ Effect, Action, Resource, NotAction, NotResource }) => {
    if (Effect !== 'Allow' || NotAction !== undefined)
      throw new Error('policies: expected statements that allow actions, got another kind');
    const resources = Resource === undefined ? ['*'] : all(Resource as string);
    return { actions: all(Action as string), resources, except: all((NotResource ?? []) as string) };
  });
}

/** Whether one of the statements allows the action on the resource, wildcards understood as IAM does. */
export function isAllowed(statements: readonly Allowed[], action: string, resource: string): boolean {
  return statements.some(
    ({ actions, resources, except }) =>
      actions.some((pattern) => matches(pattern, action)) &&
      resources.some((pattern) => matches(pattern, resource)) &&
      !except.some((pattern) => matches(pattern, resource)),
  );
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
