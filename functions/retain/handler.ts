import { pipelines } from '../../streaming/pipelines/index.ts';
import { postgresLandingDays } from '../adapters/postgres/landing-days.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { retainEvent } from './event.ts';
import { retain } from './retain.ts';

const clients = clientsOf();

export const handler = stepHandler('retain', retainEvent, async (asked, _context, measure) =>
  retain({ days: postgresLandingDays(await clients.database()), now: new Date(), measure }, pipelines, asked),
);
