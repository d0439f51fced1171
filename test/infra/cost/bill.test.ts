import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { type Bill, billOf, billText, goals } from '../../../infra/cost/bill.ts';
import { type Said, volumesOf } from '../../../infra/cost/volume.ts';
import { prices } from '../../../infra/prices.ts';
import { stages } from '../../../stages.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';

function bill(stage: string, context: Readonly<Record<string, string>> = {}, said: Said = {}): Bill {
  const config = configOf(stage, context);
  return billOf(config, volumesOf(config, pipelines, said), 1);
}

describe('The bill', () => {
  it('of full is at most what it was meant to be', () => {
    expect(bill('full').usd).toBeLessThanOrEqual(goals['full'] ?? 0);
  });

  it.each(stages)('of %s stays below its own budget, with room for what nobody foresaw', (stage) => {
    expect(bill(stage).usd * 1.1).toBeLessThan(configOf(stage).budgetUsd);
  });

  it('is the sum of its lines', () => {
    const { usd, lines } = bill('full');
    expect(lines.reduce((sum, line) => sum + line.usd, 0)).toBeCloseTo(usd, 1);
  });

  it('names the line that breaks the goal', () => {
    const text = billText(bill('full', { 'topic.instance': 'kafka.m7g.large' }));
    expect(text).toMatch(/meant to be at most 460: the largest line is Kafka, 2 x kafka\.m7g\.large with 297\.84/);
  });

  it('shows every line, price, source and assumption', () => {
    const shown = bill('prod');
    const text = billText(shown);
    for (const { what, price } of shown.lines) {
      expect(text).toContain(what);
      expect(text).toContain(price.source);
    }
    for (const { value, says } of shown.assumptions) expect(text).toContain(`${value} ${says}`);
    expect(text).toContain(prices.asOf);
  });

  it.each([
    ['topic.volumeGb', {}, { rate: 50_000 }],
    ['landing.storageGb', {}, { rate: 20_000 }],
    ['the prices are those of us-east-1', { region: 'eu-west-1' }, {}],
  ])('warns: %s', (warning, context, said) => {
    expect(bill('full').warnings).toEqual([]);
    expect(bill('full', context, said).warnings.join('\n')).toContain(warning);
  });
});
