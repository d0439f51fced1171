import type { Astray, DeepAnswer } from '../../functions/reconcile/deep.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

export type Compared = Omit<DeepAnswer, 'done' | 'cursor'>;

const counts = ['rows', 'gone', 'compared', 'dead', 'expired', 'erased'] as const;

/** Compares all rows of an interval, however many answers of the step that takes. */
export async function compareAll(
  steps: Pick<StepClient, 'call'>,
  { pipeline, from, until }: { readonly pipeline: string; readonly from: string; readonly until: string },
  onRows: (rows: number) => void,
): Promise<Compared> {
  const sum = { rows: 0, gone: 0, compared: 0, dead: 0, expired: 0, erased: 0 };
  const astray: Astray[] = [];
  let cursor: string | null | undefined;
  do {
    const asked = { pipeline, from, until, deep: true, ...(cursor && { cursor }) };
    const part: DeepAnswer = await whenFree<DeepAnswer>(steps, 'reconcile', asked);
    for (const name of counts) sum[name] += part[name];
    astray.push(...part.astray);
    cursor = part.cursor;
    onRows(sum.rows + sum.gone);
  } while (cursor !== null);
  return { pipeline, ...sum, astray };
}
