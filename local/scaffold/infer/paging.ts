/** How the source is asked for one run; `query` holds TypeScript by parameter. */
export interface PagingGuess {
  readonly paging: 'whole' | 'pages';
  readonly url: string;
  readonly query: Readonly<Record<string, string>>;
  /** Records of one answer, where the address says it. */
  readonly size: number | undefined;
}

const expressions: readonly { readonly names: RegExp; readonly expression: string }[] = [
  { names: /^(page|page_?number|p)$/i, expression: 'page' },
  { names: /^(offset|start|skip)$/i, expression: '(page - 1) * size' },
  { names: /^(limit|per_?page|page_?size|results|size|count|rows)$/i, expression: 'size' },
  { names: /^seed$/i, expression: 'seed' },
];
const isSize = (expression: string) => expression === 'size';

/** An address that counts records or pages is asked page by page; any other answers everything at once. */
export function pagingOf(address: URL): PagingGuess {
  const url = new URL(address);
  url.hash = '';
  const found = [...url.searchParams.keys()].flatMap((name) => {
    const known = expressions.find(({ names }) => names.test(name));
    return known ? [{ name, expression: known.expression }] : [];
  });
  if (!found.some(({ expression }) => expression.includes('page') || isSize(expression))) {
    return { paging: 'whole', url: url.href, query: {}, size: undefined };
  }
  const sized = found.find(({ expression }) => isSize(expression));
  const size = Number(sized && url.searchParams.get(sized.name));
  for (const { name } of found) url.searchParams.delete(name);
  return {
    paging: 'pages',
    url: url.href,
    query: Object.fromEntries(found.map(({ name, expression }) => [name, expression])),
    size: Number.isInteger(size) && size > 0 ? size : undefined,
  };
}

/** A name that an address should not hold, because a definition is read by everybody. */
export function secretIn(address: URL): string | undefined {
  return [...address.searchParams.keys()].find((name) =>
    /(^|[_-])(api_?key|key|token|secret|password|auth)$/i.test(name),
  );
}
