import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { misused, parseRunOptions, type RunOptions, runCommand, swallowedByNpm } from '../../local/options.ts';

describe('The options', () => {
  it('have sane defaults', () => {
    expect(parseRunOptions([])).toEqual({
      once: false,
      pipeline: [],
      json: false,
      data: '.millrace',
      check: false,
      prune: false,
      detach: false,
      docker: false,
      down: false,
      airflow: true,
      reset: false,
      yes: false,
      background: false,
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
      prune: false,
      detach: false,
      docker: false,
      down: false,
      airflow: true,
      reset: false,
      yes: false,
      background: false,
    });
  });
});

describe('Options together', () => {
  it.each<[string, Partial<RunOptions>, string | undefined]>([
    ['a start in the background', { detach: true }, undefined],
    ['a fresh start in the background', { detach: true, reset: true, yes: true }, undefined],
    ['one run on an emptied folder', { once: true, reset: true }, undefined],
    ['records of no run', { records: 5 }, '--records needs --once'],
    ['records of many', { once: true, records: 5 }, undefined],
    [
      'records of a time window',
      { once: true, records: 5, pipeline: ['earthquakes'] },
      '--records: the source of earthquakes decides how many there are',
    ],
    ['an address of one API', { source: 'http://127.0.0.1:1/', pipeline: ['earthquakes'] }, undefined],
    [
      'one address of two APIs',
      { source: 'http://127.0.0.1:1/', pipeline: ['random-users', 'earthquakes'] },
      '--source http://127.0.0.1:1/ speaks the API of one pipeline: add --pipeline with one of random-users, earthquakes',
    ],
    ['the sample of two APIs', { source: 'sample', pipeline: ['random-users', 'earthquakes'] }, undefined],
    ['a yes to no question', { yes: true }, '--yes needs --reset'],
    ['one run in the background', { detach: true, once: true }, '--detach and --once do not go together'],
    ['up and down', { detach: true, down: true }, '--down and --detach do not go together'],
    ['a stop that empties', { down: true, reset: true }, '--down and --reset do not go together'],
    ['a look that empties', { check: true, reset: true }, '--check and --reset do not go together'],
  ])('are judged: %s', (_, options, problem) => {
    expect(misused({ ...parseRunOptions([]), ...options })).toBe(problem);
  });
});

describe('Options that npm swallowed', () => {
  const verb = new Command('npm run logs --').option('-f, --follow').option('--lines <n>').option('--yes');

  it.each<[string, Record<string, string>, Command, string | undefined]>([
    ['flags', { npm_config_once: 'true', npm_config_port_base: '7' }, runCommand(), '--once --port-base 7'],
    ['a no', { npm_config_airflow: '' }, runCommand(), '--no-airflow'],
    ['one that npm calls force', { npm_config_force: 'true' }, verb, '--follow'],
    ['those of a subcommand', { npm_config_lines: '3' }, new Command('q').addCommand(verb), '--lines 3'],
    ['a yes that is meant for npm', { npm_config_yes: 'true' }, verb, undefined],
    ["npm's own", { npm_config_cache: '/x', npm_lifecycle_event: 'local' }, runCommand(), undefined],
  ])('are found: %s', (_, env, command, typed) => {
    const told = `npm took ${typed} for itself. Put two hyphens before the options: ${command.name()} ${typed} ...`;
    expect(swallowedByNpm(env, command)).toBe(typed && told);
  });
});
