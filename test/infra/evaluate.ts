import type { Templates } from './synthesized.ts';

/** Stand for what only an account knows. */
export const account = '111111111111';
const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Region': 'us-east-1',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Attributes whose shape matters to what is made of them. */
const attributes: Readonly<Record<string, string>> = {
  'AWS::MSK::Cluster.Arn': `arn:aws:kafka:us-east-1:${account}:cluster/millrace/uuid`,
  'AWS::RDS::DBInstance.DbiResourceId': 'db-RESOURCE',
};

/** Answers values of templates as CloudFormation would, as far as policies and environments need it. */
export function evaluator(templates: Templates) {
  const evaluate = (noun: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((each) => evaluate(noun, each));
    if (value === null || typeof value !== 'object') return value;
    const [[name = '', argument] = []] = Object.entries(value);
    const call = intrinsics[name];
    if (call !== undefined) return call(noun, argument as never);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluate(noun, each)]));
  };
  const text = (noun: string, value: unknown) => String(evaluate(noun, value));
  const list = (noun: string, value: unknown) => evaluate(noun, value) as string[];

  const intrinsics: Readonly<Record<string, (noun: string, argument: never) => unknown>> = {
    Ref: (noun, id: string) => pseudo[id] ?? referenced(templates, noun, id, evaluate),
    'Fn::GetAtt': (noun, [id, attribute]: [string, string]) => attributeOf(templates, noun, id, attribute, evaluate),
    'Fn::GetStackOutput': (_, { StackName, OutputName }: { StackName: string; OutputName: string }) => {
      const other = StackName.split('-').slice(2).join('-');
      return evaluate(other, templates[other]?.Outputs?.[OutputName]?.Value);
    },
    'Fn::Join': (noun, [separator, parts]: [string, unknown]) => list(noun, parts).join(separator),
    'Fn::Split': (noun, [separator, whole]: [string, unknown]) => text(noun, whole).split(separator),
    'Fn::Select': (noun, [index, parts]: [number, unknown]) => list(noun, parts)[Number(index)],
    'Fn::Sub': (_, template: string) => template.replace(/\$\{([^}]+)\}/g, (whole, id) => pseudo[id] ?? whole),
  };
  return evaluate;
}

type Evaluate = (noun: string, value: unknown) => unknown;

/** A resource's own name, where it has one; else a name made up from its logical id. */
function referenced(templates: Templates, noun: string, id: string, evaluate: Evaluate): unknown {
  const properties = templates[noun]?.Resources[id]?.Properties ?? {};
  const name = Object.entries(properties).find(([key]) =>
    /^(FunctionName|RoleName|BucketName|LogGroupName|KeyspaceName)$/.test(key),
  );
  return name === undefined ? `${noun}.${id}` : evaluate(noun, name[1]);
}

const arnForms: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': `arn:aws:lambda:us-east-1:${account}:function:`,
  'AWS::IAM::Role': `arn:aws:iam::${account}:role/`,
  'AWS::S3::Bucket': 'arn:aws:s3:::',
  'AWS::Logs::LogGroup': `arn:aws:logs:us-east-1:${account}:log-group:`,
};

function attributeOf(templates: Templates, noun: string, id: string, attribute: string, evaluate: Evaluate): unknown {
  const type = templates[noun]?.Resources[id]?.Type ?? '';
  const known = attributes[`${type}.${attribute}`];
  if (known !== undefined) return known;
  const form = attribute === 'Arn' ? arnForms[type] : undefined;
  return form === undefined ? `${noun}.${id}.${attribute}` : form + referenced(templates, noun, id, evaluate);
}
