import { metrics } from '../../functions/metrics.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import type { Config } from '../config.ts';
import { alarmsOf } from '../observe/alarms.ts';

/** Pieces that are paid for one by one; a test counts them in the templates of every stage. */
export interface Inventory {
  readonly keys: number;
  readonly secrets: number;
  readonly alarms: number;
  readonly dashboards: number;
  /** Metrics in our own namespace. */
  readonly metrics: number;
  /** Interface endpoints, each in every zone. */
  readonly endpoints: number;
}

export function inventoryOf(config: Config): Inventory {
  return {
    // Of landing, topic, table, and of what is told to people.
    keys: 4,
    // The owner of PostgreSQL.
    secrets: 1,
    alarms: alarmsOf({ config, pipelines, applicationId: '', undelivered: '' }).length,
    dashboards: 1,
    metrics: Object.keys(metrics).length * pipelines.length,
    endpoints: config.network.endpoints ? 8 : 0,
  };
}
