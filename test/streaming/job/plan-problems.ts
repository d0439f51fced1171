/**
 * What no write of the stream may do: hand rows to a Python worker, or move them between partitions. Takes the text of
 * physical plans.
 */
export function planProblems(plan: string): string[] {
  return [...new Set(plan.match(/\b\w*(?:EvalPython|InPandas|InArrow|PythonUDF|Exchange)\b/g) ?? [])];
}

const actions = ['localCheckpoint', 'append', 'command'];

/**
 * The plans of the path in a file that spark.millrace.plans made: `localCheckpoint` of the judged batch, `append` to a
 * table, `command` to the audit topic.
 */
export function writePlans(file: string): { readonly action: string; readonly plan: string }[] {
  return file
    .split(/^== /m)
    .slice(1)
    .map((section) => ({ action: section.slice(0, section.indexOf('\n')), plan: section.slice(section.indexOf('\n')) }))
    .filter(({ action }) => actions.includes(action));
}
