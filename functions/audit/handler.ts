import { postgresLedger } from '../adapters/postgres/audit.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { audit } from './audit.ts';
import { kafkaEvent, readRecords } from './read.ts';

const clients = clientsOf();

export const handler = stepHandler('audit', kafkaEvent, async (event, _context, measure) =>
  audit(readRecords(event), postgresLedger(await clients.database()), measure),
);
