import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** What the rules read of a service, as it is written: variables are still variables. */
export interface Service {
  readonly image?: string;
  readonly build?: { readonly args?: Readonly<Record<string, string>> };
  readonly user?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly mem_limit?: string;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** An example says what is wrong with it: what a rule finds, and what Compose's loader refuses it for. */
interface Broken extends ComposeFile {
  readonly 'x-problems'?: readonly string[];
  readonly 'x-refused'?: string;
}

export const composeFile = path.join(import.meta.dirname, '..', '..', 'local', 'compose.yaml');
const examples = path.join(import.meta.dirname, 'broken');
export const brokenFile = (name: string) => path.join(examples, `${name}.yaml`);

const read = (file: string) => parse(readFileSync(file, 'utf8'), { merge: true });
export const readCompose = (): ComposeFile => read(composeFile);
export const readBroken = (name: string): Broken => read(brokenFile(name));

/** The names of all examples. */
export const brokenNames: readonly string[] = readdirSync(examples).map((file) => path.parse(file).name);

/** A text with the defaults of its variables, as it is where nobody sets any. */
export const withDefaults = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
