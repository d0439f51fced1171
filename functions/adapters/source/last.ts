import type { HttpSource, PageAsk } from '../../../streaming/definition.ts';

/** Whether no page comes after this one. Counted plans know by themselves. */
export function isLast({ paging }: HttpSource, { size }: PageAsk, records: readonly unknown[]): boolean {
  if (paging === 'window') return records.length < size;
  return paging === 'whole';
}
