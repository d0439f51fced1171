import { type Environment, needed } from '../../env.ts';
import type { Registry } from '../../ports.ts';
import { confluentRegistry } from './confluent.ts';
import { glueRegistry } from './glue.ts';

/** The registry that the environment names; its ids pick the header of every message. */
export function registryFor(env: Environment): Registry {
  return env.GLUE_REGISTRY === undefined
    ? confluentRegistry(needed(env, 'REGISTRY_URL'))
    : glueRegistry(env.GLUE_REGISTRY);
}
