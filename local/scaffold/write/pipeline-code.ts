import type { SampledField } from '../infer/fields.ts';
import { type InferredType, roomyBytes } from '../infer/types.ts';
import type { Proposal } from '../proposal.ts';
import { identifierOf, tableNamesOf } from './identifiers.ts';

/** The text of `pipeline.ts`, before it is formatted. */
export function pipelineCode(proposal: Proposal, now: Date): string {
  const parts = [schedule, source, record, version, tables].map((part) => part(proposal)).filter(Boolean);
  return `${importLines(proposal)}

${headComment(proposal, now)}
export const ${identifierOf(proposal.name)} = definePipeline({
  name: ${quoted(proposal.name)},
${parts.join('\n\n')}

  keep: { landing: '7d', topic: '7d', tables: '365d' },
});
`;
}

export const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;

function importLines({ fields, time }: Proposal): string {
  const words = fields.flatMap(({ type }) => [type.type, ...(type.of ? [type.of] : [])]);
  const ofTime = time === undefined ? [] : ['dayOf', 'desc', ...(time.kind === 'changes' ? ['versionField'] : [])];
  const named = [...new Set([...words, ...ofTime])].sort((a, b) => a.localeCompare(b));
  return `import { definePipeline, http } from '../../definition.ts';\nimport { ${named.join(', ')} } from '../../fields.ts';`;
}

function headComment(proposal: Proposal, now: Date): string {
  const { name, from, list, leftOut, source, time } = proposal;
  const { byKey, byDay } = tableNamesOf(name);
  const host = new URL(source.url).host;
  const lines = [
    `${host} -> landing -> ${name}.v1 -> stream -> ${[byKey, ...(time ? [byDay] : [])].join(', ')}`,
    '',
    `Inferred on ${now.toISOString().slice(0, 10)} by npm run new from ${list.records.length} records (${from}).`,
    'Types, names, what may be null and PII classes are guesses: read them once.',
    ...(leftOut.length > 0 ? ['', 'Left out:', ...leftOut.map(({ path, why }) => `  ${path}: ${why}`)] : []),
  ];
  return `/**\n${lines.map((line) => ` * ${inComment(line)}`.trimEnd()).join('\n')}\n */`;
}

/** Nothing that a source calls its fields ends a comment. */
const inComment = (text: string) =>
  text.replaceAll('*/', '* /').replace(/\s+/g, (space) => (space.includes('\n') ? ' ' : space));

const schedule = ({ every, records }: Proposal) => `  schedule: { every: ${quoted(every)}, records: ${records} },`;

function source({ source: { url, paging, query, size }, list, records, isAddressUnknown }: Proposal): string {
  const entries = Object.entries(query);
  const used = ['seed', 'page', 'size'].filter((word) =>
    entries.some(([, code]) => new RegExp(`\\b${word}\\b`).test(code)),
  );
  const asked =
    used.length > 0 ? `({ ${used.join(', ')} }) => ({ ${entries.map(queryEntry).join(', ')} })` : '() => ({})';
  const todo = isAddressUnknown ? ' // not known yet: put the address of the source here' : '';
  const paged = paging === 'whole' ? "\n    paging: 'whole', // one answer holds all there is" : '';
  return `  source: http({
    url: ${quoted(url)},${todo}
    query: ${asked},
    records: ${quoted(list.path)},${paged}
    maxPage: ${paging === 'whole' ? roomFor(list.records.length) : (size ?? Math.max(records, list.records.length))},
  }),`;
}

const queryEntry = ([name, code]: [string, string]) =>
  name === code ? name : `${/^[a-z_]\w*$/i.test(name) ? name : quoted(name)}: ${code}`;

/** A whole answer grows: ten times what the sample holds, as a round number. */
const roomFor = (records: number) => Math.max(1000, 10 ** Math.ceil(Math.log10(records * 10)));

function record({ fields, key, list }: Proposal): string {
  const lines = fields.map(
    (field) =>
      `    ${field.name}: ${fieldCode(field, field === key || field.path === key.path)},${fieldNote(field, list.records.length)}`,
  );
  return `  record: {\n${lines.join('\n')}\n  },`;
}

function fieldCode({ path, type: inferred, values, missing, pii }: SampledField, isKey: boolean): string {
  const type = isKey && inferred.type === 'text' ? { ...inferred, maxBytes: keyBytes(values) } : inferred;
  const parts = [typeCode(path, type), isKey ? '.key()' : '', missing > 0 ? '.nullable()' : '', `.pii('${pii}')`];
  return parts.join('');
}

/** Keyspaces takes no key as long as a text may be. */
const keyBytes = (values: readonly unknown[]) => Math.max(256, roomyBytes(values));

function typeCode(path: string, { type, of, isSeconds, maxBytes }: InferredType): string {
  const at = quoted(path);
  const max = maxBytes === undefined ? '' : `.max(${maxBytes})`;
  if (type === 'list') return `list(${of}(${at})${max})`;
  return isSeconds ? `timestamp(${at}, { unit: 's' })` : `${type}(${at})${max}`;
}

function fieldNote({ missing }: SampledField, records: number): string {
  return missing > 0 ? ` // absent or null in ${missing} of ${records}` : '';
}

const version = ({ time }: Proposal) =>
  time?.kind === 'changes' ? `  version: versionField(${quoted(time.field.name)}),` : '';

function tables({ name, key, time, fields }: Proposal): string {
  const { byKey, byDay } = tableNamesOf(name);
  const keyed = `    ${byKey}: {
      partition: [${quoted(key.name)}],
      write: { grouping: 'none', rows: 25, concurrent: 64 },
    },`;
  if (time === undefined) return `  tables: {\n${keyed}\n  },`;
  const day = fields.some((field) => field.name === 'day') ? `day_of_${time.field.name}` : 'day';
  const immutable =
    time.kind === 'fixed'
      ? `\n      records: 'immutable', // ${inComment(time.field.path)} never changes for one key`
      : '';
  return `  tables: {
${keyed}
    ${byDay}: {
      partition: ['${day}'],
      cluster: [desc(${quoted(time.field.name)}), ${quoted(key.name)}],${immutable}
      columns: { ${day}: dayOf(${quoted(time.field.name)}) },
      write: { grouping: 'partition', rows: 25, concurrent: 128 },
    },
  },`;
}
