import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { airflowServices } from '../../local/airflow/services.ts';
import { postgresInContainers, settingInContainers } from '../../local/containers/place.ts';
import { loadCredentials } from '../../local/credentials.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { defaultPortBase, portsFrom } from '../../local/ports.ts';
import { platformServices } from '../../local/services/platform.ts';
import type { Rule } from './rules.ts';

/** Every server that the native runner starts. */
function nativeServices(): readonly string[] {
  const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-natives-'));
  try {
    const folder = openDataFolder(root);
    const ports = portsFrom(defaultPortBase);
    const setting = settingInContainers(folder, ports, loadCredentials(folder.credentials));
    const airflow = airflowServices({ folder, ports, python: 'python', env: {} });
    return [...platformServices(setting, postgresInContainers), ...airflow].map(({ name }) => name);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The table of docs/parity.md whose first column is headed `only in containers`: services, and why each is there. */
export function onlyInContainers(): ReadonlyMap<string, string> {
  const text = readFileSync('docs/parity.md', 'utf8');
  const [, table = ''] = /\n\| only in containers \|[^\n]*\n\|[-| ]+\n((?:\|[^\n]*\n)+)/.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
  return new Map(rows.map(([, name = '', why = '']) => [name, why]));
}

export const sameServices: Rule = ({ services }) => {
  const native = nativeServices();
  const explained = onlyInContainers();
  const present = Object.keys(services);
  return [
    ...native.filter((name) => !present.includes(name)).map((name) => `${name} is a native service and missing`),
    ...present
      .filter((name) => !native.includes(name) && !explained.has(name))
      .map((name) => `${name} is no native service, and docs/parity.md gives no reason for it`),
    ...[...explained.keys()]
      .filter((name) => !present.includes(name) || native.includes(name))
      .map((name) => `docs/parity.md gives a reason for ${name}, which is not only in containers`),
  ];
};
