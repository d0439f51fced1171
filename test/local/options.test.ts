import { describe, expect, it } from 'vitest';
import { parseRunOptions, swallowedByNpm } from '../../local/options.ts';

describe('The options', () => {
  it('have sane defaults', () => {
    expect(parseRunOptions([])).toEqual({
      once: false,
      pipeline: [],
      json: false,
      data: '.millrace',
      portBase: 19_100,
      check: false,
    });
  });

  it('are read', () => {
    const argv =
      '--once --records 20000 --instant 2026-11-24T17:00:00Z --source sample --pipeline random-users --json --data d --port-base 20000';
    expect(parseRunOptions(argv.split(' '))).toEqual({
      once: true,
      records: 20_000,
      instant: '2026-11-24T17:00:00Z',
      source: 'sample',
      pipeline: ['random-users'],
      json: true,
      data: 'd',
      portBase: 20_000,
      check: false,
    });
  });
});

describe('Options that npm swallowed', () => {
  it('are found and explained', () => {
    expect(swallowedByNpm({ npm_config_once: 'true', npm_config_port_base: 'true' }, 'local')).toBe(
      'npm took --once --port-base for itself. Put two hyphens before the options: npm run local -- --once --port-base ...',
    );
  });

  it('are none when npm set only its own', () => {
    expect(swallowedByNpm({ npm_config_cache: '/x', npm_lifecycle_event: 'local' }, 'local')).toBeUndefined();
  });
});
