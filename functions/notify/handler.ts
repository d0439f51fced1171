import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { noteOperation } from '../adapters/postgres/operations.ts';
import { clientsOf } from '../clients.ts';
import { stepHandler } from '../step.ts';
import { notifyEvent } from './event.ts';
import { failedDag, notify } from './notify.ts';

const clients = clientsOf();

export const handler = stepHandler('notify', notifyEvent, async (event, _context, measure) => {
  const about = event.pipeline === null ? pipelines : [pipelineNamed(event.pipeline)];
  const database = await clients.database();
  const ports = {
    measure,
    keep: ({ pipeline, ...asked }: { readonly pipeline: string }) =>
      noteOperation(database, { pipeline, verb: failedDag, who: 'Airflow', asked, answer: {} }),
  };
  return notify(ports, about, event);
});
