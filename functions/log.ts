import pino from 'pino';

/** JSON lines on standard output, UTC, one line per step. Records and secrets never appear in them. */
export const log = pino(
  {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  },
  // Lambda freezes a process that has answered, and may never wake it: what is still to be written then is lost.
  pino.destination({ dest: 1, sync: true }),
);
