import type { Definition } from './definition.ts';
import { settleExpression } from './schedule.ts';

/** What the DAG files read beside them: everything that follows from a definition, so that they decide nothing. */
export interface DagsManifest {
  /** Files and manifest reach Airflow one after the other: a file refuses a manifest that it does not know. */
  readonly schema: 1;
  readonly pipelines: readonly { readonly name: string; readonly settle: string }[];
}

export function dagsManifestOf(pipelines: readonly Pick<Definition, 'name' | 'schedule'>[]): DagsManifest {
  return {
    schema: 1,
    pipelines: pipelines.map(({ name, schedule }) => ({ name, settle: settleExpression(schedule.every) })),
  };
}
