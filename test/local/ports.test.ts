import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { candidateBases, choosePorts, defaultPortBase, freePort, portNames, portsFrom } from '../../local/ports.ts';

describe('portsFrom', () => {
  it('gives every name a port of its own, counted from the base', () => {
    const ports = portsFrom(19_100);
    expect(Object.keys(ports)).toEqual([...portNames]);
    expect(new Set(Object.values(ports)).size).toBe(portNames.length);
    expect(Math.min(...Object.values(ports))).toBe(19_100);
    expect(Math.max(...Object.values(ports))).toBe(19_100 + portNames.length - 1);
  });

  it.each([80, 65_530, 19_100.5, Number.NaN])('refuses the base %s', (base) => {
    expect(() => portsFrom(base)).toThrow(/--port-base must be a whole number from 1024 to \d+, got/);
  });
});

describe('candidateBases', () => {
  it('are one when somebody named it', () => {
    expect(candidateBases(20_000)).toEqual([20_000]);
  });

  it('are the default and those after it otherwise, none overlapping', () => {
    const bases = candidateBases(undefined);
    expect(bases.slice(0, 3)).toEqual([defaultPortBase, 19_200, 19_300]);
    expect(new Set(bases.flatMap((base) => Object.values(portsFrom(base)))).size).toBe(bases.length * portNames.length);
  });
});

describe('choosePorts', () => {
  const world =
    (...takenBases: number[]) =>
    async ({ postgres }: { postgres: number }) =>
      takenBases.includes(postgres) ? [`${postgres} (postgres) by java, pid 7`] : [];

  it.each([
    ['takes the default without a word', undefined, [], 19_100, undefined],
    [
      'takes the next range when the default is taken, and says by whom',
      undefined,
      [19_100],
      19_200,
      /from 19200.*19100 \(postgres\) by java, pid 7/,
    ],
    ['goes on until one is free', undefined, [19_100, 19_200, 19_300], 19_400, /from 19400/],
    ['takes the one that was named', 20_000, [19_100], 20_000, undefined],
  ] as const)('%s', async (_, asked, taken, base, note) => {
    const chosen = await choosePorts(asked, world(...taken));
    expect(chosen.ports).toEqual(portsFrom(base));
    if (note === undefined) expect(chosen.note).toBeUndefined();
    else expect(chosen.note).toMatch(note);
  });

  it.each([
    [
      'refuses a named range that is taken, and names another',
      20_000,
      [20_000],
      /taken: 20000 .* pid 7.*--port-base 20100/,
    ],
    [
      'gives up when all are taken',
      undefined,
      candidateBases(undefined),
      /none of 20 ranges from 19100 is free.*--port-base 21100/,
    ],
  ] as const)('%s', async (_, asked, taken, message) => {
    await expect(choosePorts(asked, world(...taken))).rejects.toThrow(message);
  });

  it('sees who listens on this machine', async () => {
    const ports = portsFrom(26_970);
    const server = createServer().listen(ports.registry, '127.0.0.1');
    await once(server, 'listening');
    try {
      await expect(choosePorts(26_970)).rejects.toThrow(/26973 \(registry\).*--port-base 27070/);
    } finally {
      server.close();
    }
    expect(await choosePorts(26_970)).toEqual({ ports, note: undefined });
  });
});

describe('freePort', () => {
  it('passes over a port that is taken', async () => {
    const port = await freePort(27_400);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    try {
      expect(await freePort(27_400)).toBeGreaterThan(port);
    } finally {
      server.close();
    }
  });
});
