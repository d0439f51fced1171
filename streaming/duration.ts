const unitSeconds = { m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of a text such as `5m`, `12h`, `365d`; undefined when it is none. */
export function secondsOf(text: string): number | undefined {
  const match = /^([1-9]\d*)([mhd])$/.exec(text);
  return match ? Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds] : undefined;
}

/** Seconds of a text that a definition's check has already accepted. */
export function checkedSecondsOf(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === undefined) throw new RangeError(`duration: expected a number with m, h or d, got ${text}`);
  return seconds;
}
