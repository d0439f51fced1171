import type { Config } from '../config.ts';

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

export function inventoryOf({ network }: Config, pipelines: number): Inventory {
  return {
    // Of landing, topic and table.
    keys: 3,
    // The owner of PostgreSQL.
    secrets: 1,
    alarms: 10 + 6 * pipelines,
    dashboards: 1,
    metrics: 12 * pipelines,
    endpoints: network.endpoints ? 8 : 0,
  };
}
