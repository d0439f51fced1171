import { describe, expect, it } from 'vitest';
import { awsEnvironment } from '../endpoints.ts';

const local = { AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9000', PATH: '/bin' };

describe('The environment of what talks to AWS', () => {
  it.each([
    ['an endpoint of a service', local],
    ['an endpoint of all', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' }],
  ])('has not %s, or nothing is done', (_, env) => {
    expect(() => awsEnvironment(env, { rehearse: false })).toThrow(/AWS_ENDPOINT_URL\w*: expected none/);
  });

  it('is deaf to the endpoints of a profile', () => {
    expect(awsEnvironment({ AWS_ENDPOINT_URL: '' }, { rehearse: false })).toMatchObject({
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    });
  });

  it('keeps them in a rehearsal', () => {
    const env = awsEnvironment(local, { rehearse: true });
    expect(env).toMatchObject(local);
    expect(env).not.toHaveProperty('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS');
  });

  it('needs them in a rehearsal, which would be no rehearsal', () => {
    expect(() => awsEnvironment({ PATH: '/bin' }, { rehearse: true })).toThrow(
      '--rehearse: expected AWS_ENDPOINT_URL_*',
    );
  });
});
