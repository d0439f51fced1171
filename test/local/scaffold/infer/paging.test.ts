import { describe, expect, it } from 'vitest';
import { pagingOf, secretIn } from '../../../../local/scaffold/infer/paging.ts';

describe('An address is asked', () => {
  it.each([
    [
      'whole when it counts nothing',
      'https://a.example/s.json?lang=en',
      'whole',
      {},
      'https://a.example/s.json?lang=en',
    ],
    [
      'page by page when it counts pages',
      'https://a.example/u?page=1&per_page=50&lang=en',
      'pages',
      { page: 'page', per_page: 'size' },
      'https://a.example/u?lang=en',
    ],
    [
      'by offset when it counts records',
      'https://a.example/u?offset=0&limit=100',
      'pages',
      { offset: '(page - 1) * size', limit: 'size' },
      'https://a.example/u',
    ],
    [
      'for a seed that is the run’s own',
      'https://a.example/api/?results=10&seed=x',
      'pages',
      { results: 'size', seed: 'seed' },
      'https://a.example/api/',
    ],
    ['whole when only a seed is left open', 'https://a.example/?seed=x', 'whole', {}, 'https://a.example/?seed=x'],
  ])('%s', (_what, address, paging, query, url) => {
    expect(pagingOf(new URL(address))).toMatchObject({ paging, query, url });
  });

  it.each([
    ['https://a.example/?limit=50', 50],
    ['https://a.example/?limit=many', undefined],
    ['https://a.example/?page=2', undefined],
  ])('for as many records as it says: %s', (address, size) => {
    expect(pagingOf(new URL(address)).size).toBe(size);
  });

  it.each([
    ['https://a.example/?api_key=1', 'api_key'],
    ['https://a.example/?access_token=1', 'access_token'],
    ['https://a.example/?monkey=1', undefined],
  ])('without a secret: %s', (address, secret) => {
    expect(secretIn(new URL(address))).toBe(secret);
  });
});
