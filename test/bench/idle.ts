import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSoFar, memoryNow, since } from './cpu.ts';
import type { Bench } from './figures.ts';
import { carry } from './platform.ts';

const restSeconds = 60;

export const idle: Bench = {
  what: 'the platform with nothing to do: memory and CPU',
  async run(bench) {
    await carry(bench, 20_000);
    await sleep(10_000);
    const before = cpuSoFar();
    await sleep(restSeconds * 1000);
    const { bench: _, source: __, ...cpu } = since(before);
    const { source: ___, ...memory } = memoryNow();
    const sum = (parts: Readonly<Record<string, number>>) => Object.values(parts).reduce((a, b) => a + b, 0);
    const gib = (mb: number) => Number((mb / 1024).toFixed(2));
    return [
      { name: 'memory, all processes (PSS)', value: gib(sum(memory)), unit: 'GiB', must: 4, stretch: 3 },
      ...Object.entries(memory).map(([part, mb]) => ({ name: `  ${part}`, value: gib(mb), unit: 'GiB' })),
      { name: 'CPU, all servers', value: Number((sum(cpu) / restSeconds).toFixed(3)), unit: 's/s' },
      ...Object.entries(cpu).map(([part, s]) => ({
        name: `  ${part}, CPU`,
        value: Number((s / restSeconds).toFixed(3)),
        unit: 's/s',
      })),
    ];
  },
};
