import { RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { stackId } from './names.ts';

export interface StageProps {
  readonly config: Config;
}

/** What becomes of a store that holds records, and of the key to it, when its stack goes. */
export const removalOf = ({ data }: Pick<Config, 'data'>) =>
  data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

/** A stack of a stage: named after its noun, in the stage's region and zones, which are never looked up. */
export class StageStack extends Stack {
  readonly #zones: readonly string[];

  constructor(scope: Construct, noun: string, { config }: StageProps, description: string) {
    super(scope, stackId(config, noun), {
      env: { region: config.region },
      description: `Millrace, ${noun}: ${description}`,
    });
    this.#zones = config.zones;
    Tags.of(this).add('millrace', config.stage);
    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'Zones are named, so that nothing is looked up and every synth answers the same.',
    });
  }

  override get availabilityZones(): string[] {
    return [...(this.#zones ?? [])];
  }
}
