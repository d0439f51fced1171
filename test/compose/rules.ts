import { users } from '../../local/containers/place.ts';
import { portVariables } from '../../local/docker/compose.ts';
import { defaultPortBase, portsFrom } from '../../local/ports.ts';
import { type ComposeFile, type Service, withDefaults } from './file.ts';

/** What is wrong with a file; nothing is as it should be. */
export type Rule = (file: ComposeFile) => readonly string[];

/** Of every service by its name. */
const each =
  (problemsOf: (name: string, service: Service, file: ComposeFile) => readonly string[]): Rule =>
  (file) =>
    Object.entries(file.services).flatMap(([name, service]) => problemsOf(name, service, file));

const dependencies = ({ depends_on = {} }: Service) => Object.entries(depends_on);

/** Compose cannot tell: an image may bring a health check, which nobody reads here. */
export const healthConditions = each((name, service, { services }) =>
  dependencies(service)
    .filter(([target, { condition }]) => condition === 'service_healthy' && !services[target]?.healthcheck)
    .map(([target]) => `${name} waits until ${target} is healthy, which has no healthcheck`),
);

/** What its dependencies lead to, the service itself included when they lead back. */
function reachedFrom(start: string, { services }: ComposeFile): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (name: string) => {
    for (const [target] of dependencies(services[name] ?? {})) {
      if (reached.has(target)) continue;
      reached.add(target);
      visit(target);
    }
  };
  visit(start);
  return reached;
}

export const noCycles = each((name, _, file) =>
  reachedFrom(name, file).has(name) ? [`${name} waits for itself in the end`] : [],
);

const publishable = /^127\.0\.0\.1:(\$\{([A-Z_]+_PORT):-(\d+)\}):\1$/;
const defaults = portVariables(portsFrom(defaultPortBase));

/** The same inside and outside, on loopback, by a variable whose default is the native runner's. */
export const loopbackPorts = each((name, { ports = [], network_mode }) => [
  ...(network_mode === 'host' ? [`${name} has the network of the host, where all its ports are open`] : []),
  ...ports.flatMap((port) => {
    const [, , variable = '', number] = publishable.exec(port) ?? [];
    if (number === undefined) return [`${name} publishes ${port}, expected 127.0.0.1:\${X_PORT:-n}:\${X_PORT:-n}`];
    const expected = defaults[variable];
    return number === expected ? [] : [`${name} publishes ${number} as ${variable}, expected ${expected}`];
  }),
]);

/** One that ends before others start has no part in what is held at a time. */
const endsFirst = (name: string, { services }: ComposeFile) =>
  Object.values(services).some(
    ({ depends_on = {} }) => depends_on[name]?.condition === 'service_completed_successfully',
  );

const mebibytes = (limit: string) => {
  const [, number, unit] = /^(\d+)([mg])$/.exec(limit) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (unit === 'g' ? 1024 : 1);
};

/** Of the 16 GiB of a laptop, which has a person to serve as well. */
const mostMebibytes = 12 * 1024;

export const memoryLimits: Rule = (file) => {
  const limits = Object.entries(file.services).map(([name, { mem_limit = '' }]) => ({
    name,
    size: mebibytes(mem_limit),
  }));
  const without = limits
    .filter(({ size }) => Number.isNaN(size))
    .map(({ name }) => `${name} has no mem_limit in m or g`);
  const sum = limits.filter(({ name }) => !endsFirst(name, file)).reduce((total, { size }) => total + (size || 0), 0);
  return sum <= mostMebibytes
    ? without
    : [...without, `all together may hold ${sum} MiB, expected up to ${mostMebibytes}`];
};

/** Gives every server what is the server's alone. */
const prepares = 'init';

export const fewRights = each((name, { privileged, cap_drop = [], cap_add = [], security_opt = [] }) => [
  ...(privileged ? [`${name} is privileged`] : []),
  ...(cap_drop.join() === 'ALL' ? [] : [`${name} does not drop all capabilities`]),
  ...(cap_add.length > 0 && name !== prepares ? [`${name} takes capabilities back: ${cap_add.join(', ')}`] : []),
  ...(security_opt.includes('no-new-privileges:true') ? [] : [`${name} may gain privileges`]),
]);

/** Whose files a service reads; Airflow's three have theirs in common. */
const ownerOf = (name: string): string | undefined =>
  users[name.replace(/^airflow-.*/, 'airflow') as keyof typeof users];

/** `init` gives the files away, and is the one that has to be root for it. */
export const ownUsers = each((name, { user = 'none' }) => {
  const found = withDefaults(user);
  const owner = ownerOf(name) ?? found;
  if (!/^\d+:\d+$/.test(found)) return [`${name} has no user by number, got ${found}`];
  if (found.startsWith('0:')) return name === prepares ? [] : [`${name} runs as root`];
  return found === owner ? [] : [`${name} runs as ${found}, its files belong to ${owner}`];
});

const volumesOf = ({ volumes = [] }: Service) =>
  volumes.map((volume) => withDefaults(volume).split(':')[0] ?? '').filter((source) => /^\w/.test(source));

export const declaredVolumes: Rule = ({ services, volumes = {} }) => {
  const used = Object.entries(services).flatMap(([name, service]) =>
    volumesOf(service).map((volume) => ({ name, volume })),
  );
  return [
    ...used
      .filter(({ volume }) => !(volume in volumes))
      .map(({ name, volume }) => `${name} uses ${volume}, undeclared`),
    ...Object.keys(volumes)
      .filter((declared) => !used.some(({ volume }) => volume === declared))
      .map((declared) => `nobody uses the volume ${declared}`),
  ];
};
