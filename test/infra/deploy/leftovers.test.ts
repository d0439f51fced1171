import { describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { goingParts, leftoversOf } from '../../../infra/deploy/leftovers.ts';
import { stages } from '../../../stages.ts';
import { resourcesOf, synthesize } from '../synthesized.ts';

/** How a line speaks of a type. */
const words: Readonly<Record<string, RegExp>> = {
  'AWS::KMS::Key': /^the keys? of /,
  'AWS::Logs::LogGroup': /^log groups? /,
  'AWS::S3::Bucket': /^the bucket of /,
};

/** What the stacks that go leave behind, by their templates. */
function leftBy(stage: string) {
  const going = goingParts(configOf(stage));
  return resourcesOf(synthesize(stage)).filter(
    ({ noun, DeletionPolicy = 'Delete' }) =>
      DeletionPolicy !== 'Delete' && (going === undefined || going.some((part) => part === noun)),
  );
}

describe('What stays when a stage goes', () => {
  it.each(stages)('is said of %s as its templates have it', (stage) => {
    const lines = leftoversOf(configOf(stage));
    const unsaid = leftBy(stage).filter(
      ({ noun, Type }) => !lines.some((line) => words[Type]?.test(line) && line.includes(noun)),
    );
    expect(unsaid.map(({ noun, Type }) => `${noun} ${Type}`)).toEqual([]);
  });

  it.each(stages)('is said of no key or bucket that goes: %s', (stage) => {
    const nouns = leftBy(stage).map(({ noun }) => noun);
    const said = leftoversOf(configOf(stage)).filter((line) => /^the (keys?|bucket) of/.test(line));
    const named = said.flatMap((line) => line.split(/[,:] /)[0]?.match(/landing|topic|table|stream|observe/g) ?? []);
    expect(named.filter((noun) => !nouns.includes(noun))).toEqual([]);
  });

  it.each(stages)('is no store that holds records, unless the stage keeps its data: %s', (stage) => {
    const stores = ['AWS::RDS::DBInstance', 'AWS::MSK::Cluster', 'AWS::Cassandra::Table'];
    expect(leftBy(stage).filter(({ Type }) => stores.includes(Type))).toEqual([]);
  });
});
