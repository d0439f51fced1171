import Table from 'cli-table3';
import type { Config } from '../config.ts';
import { prices } from '../prices.ts';
import { type Assumption, assumed } from './assumptions.ts';
import { type CostLine, parts, totalOf } from './line.ts';
import { costLines } from './lines.ts';
import { landingGb, topicGb } from './stores.ts';
import type { Volume } from './volume.ts';

/** What a month of a stage costs, with everything that the sum rests on. */
export interface Bill {
  readonly stage: string;
  readonly usd: number;
  readonly volumes: readonly Volume[];
  readonly lines: readonly CostLine[];
  readonly assumptions: readonly Assumption[];
  /** What does not fit what the stage is made of. */
  readonly warnings: readonly string[];
  readonly prices: { readonly asOf: string; readonly region: string };
}

/** So many USD a month a stage is meant to cost at most. */
export const goals: Readonly<Record<string, number>> = { dev: 150, full: 460 };

export function billOf(config: Config, volumes: readonly Volume[], ageMonths: number): Bill {
  const lines = costLines(config, volumes, ageMonths);
  const { asOf, region } = prices;
  return {
    stage: config.stage,
    usd: Math.round(totalOf(lines) * 100) / 100,
    volumes,
    lines,
    assumptions: Object.values(assumed),
    warnings: warningsOf(config, volumes),
    prices: { asOf, region },
  };
}

function warningsOf(config: Config, volumes: readonly Volume[]): readonly string[] {
  const { topic, landing, region } = config;
  const kept = Math.ceil(topicGb(config, volumes));
  const has = topic.brokers * topic.volumeGb;
  const landed = Math.ceil(landingGb(volumes));
  return [
    ...(kept > has * 0.8 ? [`topic.volumeGb: ${kept} GB are kept, the brokers have ${has}: Kafka would fill up`] : []),
    ...(landed > landing.storageGb * 4
      ? [
          `landing.storageGb: ${landed} GB are kept; the disk starts at ${landing.storageGb} and grows to five times that`,
        ]
      : []),
    ...(region === prices.region ? [] : [`the prices are those of ${prices.region}, the stage lies in ${region}`]),
  ];
}

const usd = (amount: number) => amount.toFixed(2);

/** The bill as a person reads it: lines in path order with a sum of each part, then what it rests on. */
export function billText(bill: Bill): string {
  const table = new Table({
    head: ['', 'USD a month', 'what', 'quantity', 'USD each', 'per'],
    colAligns: ['left', 'right', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const part of parts) {
    const lines = bill.lines.filter((line) => line.part === part);
    if (lines.length > 0) table.push([part, usd(totalOf(lines)), '', '', '', ''], ...lines.map(row));
  }
  return [
    table.toString(),
    '',
    `${bill.stage}: ${usd(bill.usd)} USD a month${against(bill)}`,
    ...bill.warnings.map((warning) => `mind: ${warning}`),
    '',
    `Prices of ${bill.prices.asOf}, ${bill.prices.region}, infra/prices.ts. Taxes, support and free first-year offers are not in it. Volume:`,
    ...bill.volumes.map(
      ({ pipeline, recordsPerMinute, bytes }) =>
        `  ${pipeline}: ${recordsPerMinute} records a minute of ${bytes} bytes`,
    ),
    'Assumed:',
    ...bill.assumptions.map(({ value, says }) => `  ${value} ${says}`),
  ].join('\n');
}

function row({ usd: amount, what, quantity, price }: CostLine): string[] {
  const free = price.free === undefined ? '' : `, the first ${price.free.toLocaleString('en')} for nothing`;
  return ['', usd(amount), what, quantity.toFixed(2), String(price.usd), `${price.per}${free} (${price.source})`];
}

function against({ stage, usd: amount, lines }: Bill): string {
  const goal = goals[stage];
  if (goal === undefined) return '';
  if (amount <= goal) return `, meant to be at most ${goal}`;
  const largest = [...lines].sort((a, b) => b.usd - a.usd)[0];
  return `, meant to be at most ${goal}: the largest line is ${largest?.what} with ${usd(largest?.usd ?? 0)}`;
}
