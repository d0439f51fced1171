import type { AwsCredentials } from './signature.ts';

/**
 * What makes unchanged AWS SDK clients call these endpoints. It belongs into child processes only, never into a shell:
 * a deploy that inherited it would talk to this machine.
 */
export function endpointVariables(url: string): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_LAMBDA: url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    AWS_ENDPOINT_URL_EMR_SERVERLESS: url,
  };
}

/** Whom the clients sign as. */
export function credentialVariables({ accessKeyId, secretAccessKey }: AwsCredentials): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}
