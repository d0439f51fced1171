import type { Templates } from './template.ts';

/** A resource as CloudFormation lists it. */
export interface Made {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly physicalId: string | undefined;
}

/**
 * What is wrong with what CloudFormation says it has made. LocalStack completes a stack with types that it does not know:
 * their physical id is `unknown`, or there is none, and nothing was made.
 */
export function wrongIds(templates: Templates, made: readonly Made[]): readonly string[] {
  return resourcesOf(templates).flatMap(({ stack, id, type }) => {
    const found = made.find((one) => one.stack === stack && one.id === id);
    const problem = found === undefined ? 'not listed' : problemOf(found);
    return problem === undefined ? [] : [`${stack} ${id} (${type}): expected a physical id, got ${problem}`];
  });
}

function problemOf({ status, physicalId }: Made): string | undefined {
  if (status !== 'CREATE_COMPLETE') return `status ${status}`;
  if (physicalId === undefined || physicalId.trim() === '') return 'none';
  return physicalId === 'unknown' ? 'unknown: nothing was made' : undefined;
}

/** The resources of the templates, one by one. */
export function resourcesOf(templates: Templates) {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, { Type: type }]) => ({ stack, id, type })),
  );
}
