/** What deploys to AWS and what calls the steps there have to agree on. One account and region holds one stage. */

const stageNames = ['dev', 'full', 'prod'] as const;
export type StageName = (typeof stageNames)[number];
export const stages: readonly StageName[] = stageNames;

/** Where a stage is, unless its configuration says otherwise. */
export const usualRegion = 'us-east-1';

/** What stands before a step's name in its function's name, wherever it runs. */
export const functionPrefix = 'millrace-';
