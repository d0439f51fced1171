/** One server of the platform: plain data, and the few things only it knows. */
export interface Service {
  readonly name: string;
  /** Names of services that must be healthy first. */
  readonly dependsOn: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Another user to run as; the runner's own unless said. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly logFile: string;
  /** Remembers the process, so that a later runner finds what this one left behind. */
  readonly pidFile: string;
  readonly startSeconds: number;
  readonly stopSignal: NodeJS.Signals;
  /** After these it is killed. */
  readonly stopSeconds: number;
  /** Before the process starts: folders, configuration, an empty database. Does nothing when all is there. */
  prepare(): Promise<void>;
  /** When the process answers: users and their rights. Throws while it is too early; does nothing when all is there. */
  provision?(): Promise<void>;
  /** Throws unless the server answers by its own protocol with the platform's credentials. */
  health(): Promise<void>;
}
