/**
 * Reads the Spark SQL of a definition just far enough to refuse, at load, what must not run: a column that does not
 * exist, or a function that is not on the list. The list holds only functions whose value is decided by their arguments:
 * the content of a row is a function of its version, so that writing it twice changes nothing.
 *
 *   expression = *( string / number / quoted / word / symbol )
 *   word       = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" )   ; a function when "(" follows
 */
const tokenPattern =
  /\s*(?:(?<string>'(?:[^'\\]|\\.|'')*')|(?<number>\d+(?:\.\d+)?)|(?<word>[A-Za-z_]\w*)(?<call>\s*\()?|(?<symbol><=>|<=|>=|<>|!=|==|\|\||[-+*/%=<>(),]))/y;

/**
 * Built-in functions of Spark SQL that a definition may use: deterministic, and the same on every version of Spark 3.5.
 * An element of a list is taken with get(), which counts from 0 and yields NULL beyond the end: element_at() would throw
 * at 0, and a batch that throws comes back for ever.
 */
export const allowedFunctions: ReadonlySet<string> = new Set(
  `abs array array_contains array_distinct array_join array_max array_min array_position arrays_overlap cardinality cast
   ceil coalesce concat concat_ws contains date_format date_trunc day decimal endswith floor get greatest hour if ifnull
   initcap instr isnan isnotnull isnull lcase least left length locate lower lpad ltrim md5 minute mod month nullif
   octet_length pmod quarter regexp_extract regexp_replace replace reverse right round rpad rtrim second sha2 sign size
   sort_array split_part startswith substring to_date translate trim trunc ucase unix_millis unix_seconds upper xxhash64
   year`.split(/\s+/),
);

const keywords: ReadonlySet<string> = new Set(
  `and array as between bigint boolean case date double else end escape false in int is like not null or rlike string
   then timestamp true when`.split(/\s+/),
);

/** What is wrong with an expression, for a reader; undefined when it may run. */
export function sqlProblem(sql: string, columns: ReadonlySet<string>): string | undefined {
  let at = 0;
  while (at < sql.trimEnd().length) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(sql);
    if (match === null) return `unreadable at ${JSON.stringify(sql.slice(at).trim().slice(0, 20))}`;
    at = tokenPattern.lastIndex;
    const problem = match.groups?.['word'] && wordProblem(match.groups['word'], Boolean(match.groups['call']), columns);
    if (problem) return problem;
  }
  return at === 0 ? 'empty' : undefined;
}

function wordProblem(word: string, isCall: boolean, columns: ReadonlySet<string>): string | undefined {
  const name = word.toLowerCase();
  if (columns.has(word) && !isCall) return undefined;
  if (keywords.has(name)) return undefined;
  if (isCall)
    return allowedFunctions.has(name) ? undefined : `function ${word}() is not on the list of allowed functions`;
  return `unknown column ${word}; the record has ${[...columns].join(', ')}`;
}
