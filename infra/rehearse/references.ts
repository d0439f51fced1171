/** Functions of a template that only put together what they are given. */
const plain = ['Fn::Join', 'Fn::Select', 'Fn::Split', 'Fn::Base64', 'Fn::Cidr', 'Fn::GetAZs'];

/**
 * What a value of a template refers to: logical ids and parameters. A function that reaches elsewhere (another stack, a
 * condition, a macro) counts as a name by itself. AWS's own parameters, such as AWS::Region, are everybody's.
 */
export function names(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(names);
  if (typeof value !== 'object' || value === null) return [];
  const [[key, inner] = ['', undefined], ...more] = Object.entries(value);
  if (more.length > 0 || !(key === 'Ref' || key.startsWith('Fn::'))) return Object.values(value).flatMap(names);
  return namesOf(key, inner).filter((name) => !name.startsWith('AWS::'));
}

function namesOf(key: string, inner: unknown): readonly string[] {
  if (key === 'Ref') return [String(inner)];
  if (key === 'Fn::GetAtt') return [String([inner].flat()[0]).split('.')[0] as string];
  if (key === 'Fn::Sub') return substituted(inner);
  return plain.includes(key) ? names(inner) : [key];
}

/** `${Name}`, `${Name.Attribute}`, but not `${!Literal}`; a list brings values of its own for some of them. */
function substituted(inner: unknown): readonly string[] {
  const [text, given = {}] = [inner].flat() as [string, Readonly<Record<string, unknown>>?];
  const used = [...text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map(([, name]) => (name as string).trim());
  return [...used.filter((name) => !(name in given)), ...names(Object.values(given))];
}
