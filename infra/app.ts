import type { App } from 'aws-cdk-lib';
import type { Definition } from '../streaming/definition.ts';
import type { Config } from './config.ts';
import { FunctionsStack } from './stacks/functions.ts';
import { LandingStack } from './stacks/landing.ts';
import { NetworkStack } from './stacks/network.ts';
import { ObserveStack } from './stacks/observe.ts';
import { OrchestrationStack } from './stacks/orchestration.ts';
import { StreamStack } from './stacks/stream.ts';
import { TableStack } from './stacks/table.ts';
import { TopicStack } from './stacks/topic.ts';

export interface PlatformProps {
  readonly config: Config;
  readonly pipelines: readonly Definition[];
  /** Folder of the bundles, as bundle.ts makes it. */
  readonly bundles: string;
}

/** The platform on one screen, in path order: what each stack is given is what it is joined to. */
export function platform(app: App, { config, pipelines, bundles }: PlatformProps) {
  const network = new NetworkStack(app, { config });
  const landing = new LandingStack(app, { config, network });
  const topic = new TopicStack(app, { config, network, pipelines });
  const table = new TableStack(app, { config, pipelines });
  const stream = new StreamStack(app, { config, network, topic, table });
  const functions = new FunctionsStack(app, { config, network, landing, topic, stream, table, pipelines, bundles });
  const { applicationId } = stream;
  const observe = new ObserveStack(app, { config, pipelines, applicationId, undelivered: functions.undelivered });
  if (config.orchestration.kind === 'mwaa') {
    // Last, and nothing needs it: when it fails, the path runs all the same.
    const { applicationArn } = stream;
    const orchestration = new OrchestrationStack(app, { config, network, pipelines, applicationArn });
    for (const stack of [functions, observe]) orchestration.addStackDependency(stack);
  }
  return { network, landing, topic, table, stream, functions, observe };
}
