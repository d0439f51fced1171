import pino from 'pino';

/** JSON lines on standard output, UTC, one line per step. Records and secrets never appear in them. */
export const log = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
});
