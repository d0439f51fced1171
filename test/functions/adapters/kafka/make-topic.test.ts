import type { Admin } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { makeTopic } from '../../../../functions/adapters/kafka/topic.ts';

const topic = { name: 'people.v1', partitions: 3, retentionMs: 3_600_000, maxMessageBytes: 1_000_000 };
const unknown = Object.assign(new Error('this server does not host this topic'), {
  type: 'UNKNOWN_TOPIC_OR_PARTITION',
});
const leaderless = Object.assign(new Error('retried in vain'), { cause: { type: 'LEADER_NOT_AVAILABLE' } });
const notLeading = Object.assign(new Error('is not the leader'), { type: 'NOT_LEADER_FOR_PARTITION' });

/** A cluster that makes the topic, or has it, and whose broker answers these errors before it serves it. */
function cluster({ isNew = true, answers = [] as Error[] }) {
  const asked: string[] = [];
  const left = [...answers];
  const admin = {
    createTopics: async () => isNew,
    fetchTopicOffsets: async (name: string) => {
      asked.push(name);
      const error = left.shift();
      if (error) throw error;
      return [];
    },
  } as unknown as Admin;
  return { admin, asked };
}

describe('A topic that is made', () => {
  it.each([
    ['created', true],
    ['present', false],
  ])('is %s once the broker serves it, which is a moment after the controller has made it', async (what, isNew) => {
    const { admin, asked } = cluster({ isNew, answers: [unknown, leaderless, notLeading] });
    expect(await makeTopic(admin, topic)).toBe(what);
    expect(asked).toEqual(Array(4).fill(topic.name));
  });

  it('fails at once for any other reason', async () => {
    const { admin, asked } = cluster({ answers: [new Error('not authorized')] });
    await expect(makeTopic(admin, topic)).rejects.toThrow('not authorized');
    expect(asked).toHaveLength(1);
  });
});
