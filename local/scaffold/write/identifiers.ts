import * as fields from '../../../streaming/fields.ts';
import { isLegalName } from '../../../streaming/mistakes.ts';

const keywords = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
   finally for function if implements import in instanceof interface let new null package private protected public return
   static super switch this throw true try typeof undefined var void while with yield http definition pipelines
   definePipeline pipelineNamed checkTablesApart PipelineError Object JSON`.split(/\s+/),
);

/** `bike-stations` is exported as `bikeStations`; a name that the file has for something else gets a word more. */
export function identifierOf(name: string): string {
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return keywords.has(camel) || camel in fields ? `${camel}Pipeline` : camel;
}

/** Tables of a pipeline: one by key, one by day. */
export function tableNamesOf(name: string): { readonly byKey: string; readonly byDay: string } {
  const plain = name.replaceAll('-', '_');
  return { byKey: isLegalName(plain) ? plain : `${plain}_records`, byDay: `${plain}_by_day` };
}

/** Why a pipeline cannot be called so, or undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 40) return undefined;
  const suggestion = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  const such = suggestion.length > 1 ? ` (such as ${suggestion})` : '';
  return `name: expected lower-case words joined by hyphens, at most 40 characters${such}, got ${name}`;
}
