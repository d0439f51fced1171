import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const forwarding = '/proc/sys/net/ipv4/ip_forward';
const tables = ['nat', 'filter', 'mangle'] as const;

interface Found {
  readonly forwarding: string;
  readonly hasChains: boolean;
}

/**
 * podman's network leaves its chains, and forwarding on, when its last container has gone; answers what puts that back.
 * The file tells how it was before a run that was killed.
 */
export function rememberFirewall(file: string): () => void {
  if (!existsSync(file)) {
    const hasChains = tables.some((table) => rulesOf(table).some(isNetavark));
    writeFileSync(file, JSON.stringify({ forwarding: readFileSync(forwarding, 'utf8'), hasChains } satisfies Found));
  }
  const before = JSON.parse(readFileSync(file, 'utf8')) as Found;
  return () => {
    writeFileSync(forwarding, before.forwarding);
    // Another podman's are not ours to remove.
    if (!before.hasChains) for (const table of tables) removeChains(table);
  };
}

const isNetavark = (rule: string) => rule.includes('NETAVARK');

/** As iptables would make them: `-N chain`, `-A chain rule`. */
function rulesOf(table: string): readonly string[] {
  return execFileSync('iptables', ['--wait', '-t', table, '-S'], { encoding: 'utf8' }).split('\n');
}

/** First what leads into a chain, then the chain. */
function removeChains(table: string): void {
  const ours = rulesOf(table).filter(isNetavark);
  for (const rule of ours.filter((each) => each.startsWith('-A '))) iptables(table, rule.replace('-A ', '-D '));
  for (const rule of ours.filter((each) => each.startsWith('-N '))) iptables(table, rule.replace('-N ', '-X '));
}

/** A comment in a rule is one word in quotes. */
function iptables(table: string, rule: string): void {
  const words = (rule.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
  execFileSync('iptables', ['--wait', '-t', table, ...words]);
}
