/**
 * A shell that has the local platform's endpoints would deploy to this machine and say that it is AWS. Answers the
 * environment for what talks to AWS: without them, and deaf to those of a profile, unless this is a rehearsal.
 */
export function awsEnvironment(
  env: NodeJS.ProcessEnv,
  { rehearse }: { readonly rehearse: boolean },
): NodeJS.ProcessEnv {
  const set = Object.keys(env).filter((name) => name.startsWith('AWS_ENDPOINT_URL') && env[name]);
  if (rehearse && set.length === 0) {
    throw new Error('--rehearse: expected AWS_ENDPOINT_URL_* of what plays AWS, got none; without the flag it is AWS');
  }
  if (!rehearse && set.length > 0) {
    throw new Error(
      `${set.join(', ')}: expected none, because this talks to AWS; unset ${set.length === 1 ? 'it' : 'them'}, or say --rehearse`,
    );
  }
  return {
    ...env,
    ...(rehearse ? {} : { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}
