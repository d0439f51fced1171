import { postgresBooks } from '../adapters/postgres/inspect.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { topicClient } from '../topic-client.ts';
import { inspect } from './inspect.ts';
import { type Question, question } from './questions.ts';

const clients = clientsOf();
const topic = topicClient(clients);

async function run(asked: Question) {
  return inspect(asked, { books: postgresBooks(await clients.database()), topic: await topic() });
}

/** Answers hold people's data: the log keeps only how much was answered. */
export const handler = stepHandler('inspect', question, run, (answer) => ({ keys: Object.keys(answer) }));
