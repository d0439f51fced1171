import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portNames, portsFrom, requireFreePorts } from '../../local/ports.ts';

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

describe('requireFreePorts', () => {
  it('is content with free ports', async () => {
    await expect(requireFreePorts(portsFrom(19_560))).resolves.toBeUndefined();
  });

  it('names the port, what it is for, and the way out', async () => {
    const ports = portsFrom(19_570);
    const server = createServer().listen(ports.registry, '127.0.0.1');
    await once(server, 'listening');
    try {
      await expect(requireFreePorts(ports)).rejects.toThrow(/19573 \(registry\).*--port-base 19670/);
    } finally {
      server.close();
    }
  });
});
