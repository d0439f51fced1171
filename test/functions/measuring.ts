import { measured } from '../../functions/metrics.ts';

/** Takes measures as a step's handler does; `taken` answers the sums by pipeline. */
export function measuring() {
  const { measure, lines } = measured('test');
  const taken = () =>
    Object.fromEntries(
      lines(0).map((line) => {
        const { _aws, stage, pipeline, ...values } = line as Record<string, unknown>;
        return [String(pipeline), values];
      }),
    );
  return { measure, taken };
}

/** For tests of something else. */
export const unmeasured = () => undefined;
