import { MultiBar, type SingleBar } from 'cli-progress';
import type { InstallEvent } from '../install/install.ts';

type Listener = (event: InstallEvent) => void;

/** Often enough to see that a download lives. */
const lineEveryMs = 5000;

/** A bar per component on a terminal; elsewhere a line when one is done, and now and then one while it is fetched. */
export function installProgress(print: (line: string) => void, terminal: NodeJS.WriteStream | undefined): Listener {
  return terminal?.isTTY ? bars(terminal) : lines(print);
}

function lines(print: (line: string) => void): Listener {
  let printedAt = Number.NEGATIVE_INFINITY;
  const isDue = () => performance.now() - printedAt > lineEveryMs;
  return ({ component, state, seconds, fetched, totalMb }) => {
    const name = component.padEnd(10);
    if (state === 'ready') print(`  ${name} installed in ${seconds.toFixed(0)} s`);
    if (state !== 'downloading' || (fetched !== undefined && !isDue())) return;
    const what = fetched === undefined ? `${totalMb} MB` : `${told(fetched.megabytes, totalMb)} ${fetched.file ?? ''}`;
    print(`  ${name} fetching ${what}`.trimEnd());
    printedAt = performance.now();
  };
}

function bars(terminal: NodeJS.WriteStream): Listener {
  const all = new MultiBar({
    stream: terminal,
    format: '  {name} [{bar}] {told}, {speed} MB/s  {file}',
    barsize: 20,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    fps: 5,
    autopadding: false,
    emptyOnZero: true,
  });
  const open = new Map<string, SingleBar>();
  return (event) => {
    const { component, state } = event;
    if (state === 'present') return;
    const bar = open.get(component) ?? all.create(event.totalMb, 0, payload(event, 0));
    open.set(component, bar);
    const megabytes = megabytesOf(event);
    // What came before stays when an event tells nothing new, such as the failure.
    if (megabytes !== undefined) bar.update(megabytes, payload(event, megabytes));
    if (state === 'downloading') return;
    open.delete(component);
    if (open.size === 0) all.stop();
  };
}

function megabytesOf({ state, fetched, totalMb }: InstallEvent): number | undefined {
  if (state === 'ready') return totalMb;
  return fetched && Math.min(fetched.megabytes, totalMb);
}

function payload({ component, state, seconds, fetched, totalMb }: InstallEvent, megabytes: number) {
  return {
    name: component.padEnd(10),
    told: told(megabytes, totalMb),
    speed: (megabytes / Math.max(seconds, 0.1)).toFixed(1),
    file: state === 'ready' ? `installed in ${seconds.toFixed(0)} s` : (fetched?.file ?? ''),
  };
}

const told = (megabytes: number, totalMb: number) =>
  `${Math.min(megabytes, totalMb).toFixed(0).padStart(3)}/${totalMb} MB`;
