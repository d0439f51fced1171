/** `export const pipelines: readonly Definition[] = [one, other];`, over one line or several. */
const listPattern = /(export const pipelines: readonly Definition\[\] = \[)([^\]]*)\]/;

/** The text of the pipelines' index with one more pipeline: its import and its place in the list. */
export function withPipeline(index: string, name: string, identifier: string): string {
  const match = listPattern.exec(index);
  if (match === null) {
    throw new Error(
      'streaming/pipelines/index.ts: expected a list `export const pipelines: readonly Definition[] = [...]`, got none; put it back',
    );
  }
  const entries = (match[2] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  const list = `${match[1]}${[...entries, identifier].join(', ')}]`;
  return `import { ${identifier} } from './${name}/pipeline.ts';\n${index.replace(listPattern, () => list)}`;
}
