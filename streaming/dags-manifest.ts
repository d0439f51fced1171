import { type Definition, isCounted } from './definition.ts';
import { keyFieldOf } from './keys.ts';
import { nouns } from './nouns.ts';
import { settleExpression } from './schedule.ts';

/** How long Airflow waits between two tries of a task and between two looks, and how often it tries again. */
export interface Patience {
  readonly retries: number;
  /** Twice as many before each further try. */
  readonly retrySeconds: number;
  readonly pollSeconds: number;
}

/** What the DAG files read beside them: everything that follows from a definition, so that they decide nothing. */
export interface DagsManifest extends Patience {
  /** Files and manifest reach Airflow one after the other: a file refuses a manifest that it does not know. */
  readonly schema: 3;
  /** Where a record may die. */
  readonly nouns: readonly string[];
  readonly pipelines: readonly {
    readonly name: string;
    readonly settle: string;
    /** Whether a run may be asked for so many records. */
    readonly counted: boolean;
    /** The record's field by which somebody is known. */
    readonly key: string;
    readonly tables: readonly string[];
  }[];
}

/** On AWS, where a look is a Lambda and a busy step is free again a little later. */
const usual: Patience = { retries: 3, retrySeconds: 30, pollSeconds: 30 };

export function dagsManifestOf(pipelines: readonly Definition[], patience = usual): DagsManifest {
  return {
    schema: 3,
    ...patience,
    nouns,
    pipelines: pipelines.map((pipeline) => ({
      name: pipeline.name,
      settle: settleExpression(pipeline.schedule.every),
      counted: isCounted(pipeline),
      key: keyFieldOf(pipeline),
      tables: Object.keys(pipeline.tables),
    })),
  };
}
