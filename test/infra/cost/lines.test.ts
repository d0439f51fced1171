import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { type CostLine, line, totalOf } from '../../../infra/cost/line.ts';
import { costLines } from '../../../infra/cost/lines.ts';
import { type Said, volumesOf } from '../../../infra/cost/volume.ts';
import { priceOf, prices } from '../../../infra/prices.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

interface Asked {
  readonly stage?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly said?: Said;
  readonly age?: number;
}

function linesOf({ stage = 'full', context = {}, said = {}, age = 1 }: Asked): readonly CostLine[] {
  const config = configOf(stage, context);
  return costLines(config, volumesOf(config, pipelines, said), age);
}

const sumOf = (lines: readonly CostLine[], what: RegExp) => totalOf(lines.filter((one) => what.test(one.what)));
const hours = prices.hoursPerMonth;

/** What differs between two bills, rounded to cents. */
function changed(before: readonly CostLine[], after: readonly CostLine[]): Record<string, number> {
  const whats = new Set([...before, ...after].map(({ what }) => what.split(',')[0] ?? ''));
  const differences = [...whats].map((what): [string, number] => {
    const of = (lines: readonly CostLine[]) => totalOf(lines.filter((one) => one.what.split(',')[0] === what));
    return [what, Math.round((of(after) - of(before)) * 100) / 100];
  });
  return Object.fromEntries(differences.filter(([, usd]) => usd !== 0));
}

describe('A bill follows the configuration:', () => {
  it.each([
    ['network.natGateways=2', { NAT: 0.045 * hours, 'public IPv4 of NAT': 0.005 * hours }],
    ['landing.instance=db.m7g.large', { PostgreSQL: (0.168 - 0.016) * hours }],
    ['landing.multiAz=true', { PostgreSQL: 0.016 * hours, 'disk of PostgreSQL': 20 * 0.115 }],
    ['landing.storageGb=40', { 'disk of PostgreSQL': 20 * 0.115 }],
    ['topic.brokers=4', { Kafka: 2 * 0.0456 * hours, 'disks of Kafka': 4, alarms: 0.2 }],
    ['topic.volumeGb=120', { 'disks of Kafka': 20 }],
    ['topic.instance=kafka.m7g.large', { Kafka: 2 * (0.204 - 0.0456) * hours }],
    ['stream.executors=2', { Spark: (0.0421 + 4 * 0.0046) * hours }],
    ['stream.executor.memoryGb=8', { Spark: 4 * 0.0046 * hours }],
    ['stream.driver.vcpu=2', { Spark: 0.0421 * hours }],
    ['orchestration.environment=mw1.small', { Airflow: (0.49 - 0.29) * hours }],
    ['orchestration.kind=none', { Airflow: -0.29 * hours, "Airflow's database": -1 }],
  ])('%s changes its own lines and no other', (setting, expected) => {
    const [key = '', value = ''] = setting.split('=');
    // A stage of whole numbers, so that disks are alike whatever the stage has.
    const context = { 'topic.volumeGb': '20' };
    const got = changed(linesOf({ context }), linesOf({ context: { ...context, [key]: value } }));
    const rounded = Object.entries(expected).map(([what, usd]) => [what, Math.round(usd * 100) / 100]);
    expect(got).toEqual(Object.fromEntries(rounded));
  });

  it('Spark in batches is paid for while it works, and its checkpoints are fewer', () => {
    const streaming = linesOf({});
    const batches = linesOf({ context: { 'stream.mode': 'available-now' } });
    expect(sumOf(batches, /^Spark/) / sumOf(streaming, /^Spark/)).toBeCloseTo(2 / 15);
    expect(sumOf(batches, /^checkpoints/)).toBeLessThan(sumOf(streaming, /^checkpoints/) / 5);
    expect(
      sumOf(linesOf({ context: { 'stream.mode': 'available-now', 'stream.every': '30m' } }), /^Spark/),
    ).toBeCloseTo(sumOf(batches, /^Spark/) / 2);
  });

  it('endpoints cost in every zone and take the rows away from NAT', () => {
    const got = changed(
      linesOf({ stage: 'prod', context: { 'network.endpoints': 'false' } }),
      linesOf({ stage: 'prod' }),
    );
    expect(got['endpoints']).toBeCloseTo(8 * 3 * 0.01 * hours);
    expect(got['through NAT']).toBeLessThan(0);
  });

  it('logs that are kept for longer cost more once they are more than an account has for nothing', () => {
    const got = changed(
      linesOf({ stage: 'prod' }),
      linesOf({ stage: 'prod', context: { 'functions.logDays': '180' } }),
    );
    expect(Object.keys(got)).toEqual(['logs kept']);
  });

  it('made-up records do not come through NAT', () => {
    const said = { rate: 10_000 };
    const made = linesOf({
      context: Object.fromEntries(pipelines.map(({ name }) => [`sources.${name}`, 'sample'])),
      said,
    });
    expect(sumOf(made, /^through NAT/)).toBeLessThan(sumOf(linesOf({ said }), /^through NAT/));
  });
});

describe('A bill follows the volume:', () => {
  const big = { rate: 5000 };

  it('rows written are records times tables', () => {
    const perMonth = 5000 * hours * 60 * pipelines.reduce((all, { tables }) => all + Object.keys(tables).length, 0);
    expect(sumOf(linesOf({ said: big }), /^rows written/)).toBeCloseTo((perMonth / 1e6) * 0.625);
  });

  it('a row of more than a kilobyte counts twice', () => {
    const small = linesOf({ said: { ...big, bytes: 800 } });
    const large = linesOf({ said: { ...big, bytes: 900 } });
    expect(sumOf(large, /^rows written/)).toBeCloseTo(2 * sumOf(small, /^rows written/));
  });

  it('one pipeline may have a rate of its own', () => {
    const [first, second] = volumesOf(configOf('full'), pipelines, { rate: { [pipelines[0]?.name ?? '']: 7 } });
    expect(first?.recordsPerMinute).toBe(7);
    expect(second?.recordsPerMinute).toBe(volumesOf(configOf('full'), pipelines)[1]?.recordsPerMinute);
  });

  it('records of a run, where the stage says them, are those', () => {
    const [counted] = volumesOf(configOf('dev', { records: '250' }), pipelines);
    expect(counted?.recordsPerMinute).toBe(250);
  });

  it('the disk of PostgreSQL grows with a week that does not fit', () => {
    expect(sumOf(linesOf({ said: { rate: 20_000 } }), /^disk of PostgreSQL/)).toBeGreaterThan(20 * 0.115);
  });

  it('a table that has filled for longer is larger, up to what it keeps; then rows leave it, at a price', () => {
    const kept = (age: number) => sumOf(linesOf({ said: big, age }), /^rows kept/);
    expect(kept(6)).toBeCloseTo(6 * kept(1));
    expect(kept(24)).toBeCloseTo(12 * kept(1), 0);
    expect(sumOf(linesOf({ said: big, age: 6 }), /whose time is over/)).toBe(0);
    expect(sumOf(linesOf({ said: big, age: 24 }), /whose time is over/)).toBeGreaterThan(0);
  });

  it('steps are called by the minute, and relay once more for every page', () => {
    // Spark in batches, so that audit is called as often whatever flows.
    const context = { 'stream.mode': 'available-now' };
    const calls = (said: Said) =>
      linesOf({ context, said }).find(({ what }) => what === 'calls of the steps')?.quantity ?? 0;
    expect(calls({ rate: 1 })).toBeGreaterThan((5 * (hours * 60)) / 1e6);
    const morePages = 19 * pipelines.length;
    expect(calls({ rate: 20_000 }) - calls({ rate: 1 })).toBeCloseTo((morePages * hours * 60) / 1e6);
  });
});

describe('A line', () => {
  it.each([
    [0.5, 0],
    [1, 0],
    [3, 0.4],
  ])('of %f million calls, of which one is for nothing, costs %f', (quantity, usd) => {
    expect(line('functions', 'calls', quantity, prices.lambdaCalls).usd).toBeCloseTo(usd);
  });

  it('of a size without a price is an error that says where to put one', () => {
    expect(() => priceOf('brokerHour', 'kafka.m7g.metal')).toThrow(/kafka.m7g.metal.*infra\/prices\.ts/);
  });
});
