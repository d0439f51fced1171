import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import { summed } from '../../functions/reconcile/tally.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

/** Which runs are meant: ISO times; the step knows what is usual. */
export interface AskedInterval {
  readonly pipeline: string;
  readonly from?: string | undefined;
  readonly until: string;
  /** Every run, not only those that do not balance. */
  readonly each?: boolean;
}

/** The accounts of a whole interval, however many answers of the step that takes. */
export async function accountsOf(
  steps: Pick<StepClient, 'call'>,
  asked: AskedInterval,
  onPart: (until: string) => void = () => undefined,
): Promise<ReconcileAnswer> {
  let whole: ReconcileAnswer | undefined;
  for (;;) {
    const cursor: string | undefined = whole?.cursor ?? undefined;
    // The first answer says when the interval starts: later ones must not find another start.
    const from = whole?.from ?? asked.from;
    const part = await whenFree<ReconcileAnswer>(steps, 'reconcile', { ...asked, from, cursor });
    whole = whole === undefined ? part : joined(whole, part);
    if (part.done) return whole;
    onPart(part.until);
  }
}

/** An hour may have been begun in one answer and ended in the next. */
function joined(before: ReconcileAnswer, { hours, runs, missing, ...rest }: ReconcileAnswer): ReconcileAnswer {
  const last = before.hours.at(-1);
  const [first, ...more] = hours;
  const isShared = first !== undefined && first.hour === last?.hour;
  return {
    ...rest,
    from: before.from,
    totals: summed([before.totals, rest.totals]),
    hours: isShared
      ? [...before.hours.slice(0, -1), { hour: first.hour, ...summed([last, first]) }, ...more]
      : [...before.hours, ...hours],
    runs: [...before.runs, ...runs],
    missing: [...before.missing, ...missing],
  };
}
