import type { LandedRow, Topic, TopicMessage } from '../../functions/ports.ts';
import type { Outbox } from '../../functions/relay/outbox.ts';
import type { RelayPorts } from '../../functions/relay/relay.ts';
import { unmeasured } from '../functions/measuring.ts';
import { fakeOutbox, fakeTopic } from '../functions/relay/fakes.ts';

/** What ends a relay where it stands: nothing after it runs. */
export class Killed extends Error {}

/** Answers at every step that a relay takes; it throws at the step at which the relay is to die. */
type Tick = () => void;

/** A tick that kills after so many steps, and then again after so many more. */
function killer(livesOf: readonly number[]): { tick: Tick; kills: () => number } {
  const lives = [...livesOf];
  let steps = 0;
  return {
    tick: () => {
      steps += 1;
      if (steps <= (lives[0] ?? Number.POSITIVE_INFINITY)) return;
      lives.shift();
      steps = 0;
      throw new Killed();
    },
    kills: () => livesOf.length - lives.length,
  };
}

/** What a turn changed is kept at its end: a kill before it rolls back, one after it loses only the answer. */
function dyingOutbox(outbox: Outbox, tick: Tick): Outbox {
  return {
    async inTurn(pipeline, work) {
      tick();
      const result = await outbox.inTurn(pipeline, async (turn) => {
        const answer = await work({
          position: turn.position,
          read: async (limit) => {
            tick();
            return turn.read(limit);
          },
          advance: async (position, published) => {
            tick();
            await turn.advance(position, published);
            tick();
          },
        });
        tick();
        return answer;
      });
      tick();
      return result;
    },
    async hasRows(pipeline) {
      tick();
      return outbox.hasRows(pipeline);
    },
  };
}

/** Kafka takes a batch partition by partition, each of them whole: a kill may fall between any two. */
function dyingTopic(topic: Topic, tick: Tick): Topic {
  return {
    async send(name, messages) {
      const bases = new Map<number, number>();
      for (const partition of new Set(messages.map((each) => each.partition))) {
        tick();
        const mine = messages.filter((each) => each.partition === partition);
        bases.set(partition, (await topic.send(name, mine)).get(partition) ?? 0);
      }
      tick();
      return bases;
    },
    async offsets(name) {
      tick();
      return topic.offsets(name);
    },
  };
}

/** A relay that dies again and again, over a landing and a topic that outlive it. */
export function crashingRelay(
  rows: LandedRow[],
  {
    batchRows,
    lives,
    encode,
  }: { batchRows: number; lives: readonly number[]; encode: (row: LandedRow) => TopicMessage },
) {
  const { outbox, state } = fakeOutbox(rows, batchRows);
  const { topic, logs } = fakeTopic();
  const { tick, kills } = killer(lives);
  const ports: RelayPorts = {
    outbox: dyingOutbox(outbox, tick),
    topic: dyingTopic(topic, tick),
    encode,
    remaining: () => 300_000,
    wake: async () => undefined,
    measure: unmeasured,
  };
  return { ports, state, logs, kills };
}
