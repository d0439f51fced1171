import { PipelineError } from '../../../streaming/errors.ts';
import type { Registry } from '../../ports.ts';

const contentType = 'application/vnd.schemaregistry.v1+json';

/** Port Registry on Confluent's REST API; `url` is its base, such as http://host:port/apis/ccompat/v7. */
export function confluentRegistry(url: string): Registry {
  const call = (method: string, path: string, body?: object) => request(`${url}${path}`, method, body);
  return {
    async register(subject, schema) {
      const name = encodeURIComponent(subject);
      await call('PUT', `/config/${name}`, { compatibility: 'FULL_TRANSITIVE' });
      const answer = await whenStillRefused(() =>
        call('POST', `/subjects/${name}/versions`, { schema: JSON.stringify(schema) }),
      );
      return (answer as { id: number }).id;
    },
    async versions(subject) {
      const name = encodeURIComponent(subject);
      const numbers = ((await call('GET', `/subjects/${name}/versions`)) ?? []) as number[];
      const answers = await Promise.all(numbers.map((number) => call('GET', `/subjects/${name}/versions/${number}`)));
      // Of those who bring a schema at once Apicurio keeps each one's version, all under one id.
      const schemas = new Map((answers as { id: number; schema: string }[]).map(({ id, schema }) => [id, schema]));
      return [...schemas].map(([id, schema]) => ({ id, schema: JSON.parse(schema) }));
    },
  };
}

/**
 * Apicurio refuses with 409 as well when two register for a subject at the same time: asked again, it has what the other
 * one brought, and refuses only what does not fit.
 */
async function whenStillRefused<T>(call: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isRefusal = error instanceof PipelineError && error.code === 'schema_incompatible';
    if (!isRefusal || tries === 1) throw error;
    return whenStillRefused(call, tries - 1);
  }
}

/** Undefined when there is no such thing; a refusal and a silent registry are errors. */
async function request(url: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': contentType, accept: contentType },
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause) => {
    throw unavailable(url, String(cause.cause ?? cause), cause);
  });
  if (response.ok) return response.json();
  const text = (await response.text()).slice(0, 500);
  if (response.status === 404 && method === 'GET') return undefined;
  if (response.status === 409 || response.status === 422) throw refused(url, text);
  throw unavailable(url, `${response.status} ${text}`);
}

function refused(url: string, got: string): PipelineError {
  return new PipelineError(
    `registry ${url}: expected a schema that every earlier version can read and be read by, got ${got}; ` +
      'only fields that may be null can be added or removed',
    { code: 'schema_incompatible', at: 'topic', retriable: false },
  );
}

function unavailable(url: string, got: string, cause?: unknown): PipelineError {
  return new PipelineError(`registry ${url}: expected an answer, got ${got}; it is tried again`, {
    code: 'registry_unavailable',
    at: 'topic',
    retriable: true,
    cause,
  });
}
