/**
 * Exact numbers, from the source's words to the bytes of Avro:
 *
 *   text  = [ "-" ] 1*DIGIT [ "." 1*DIGIT ]   ; as many digits after the point as the scale says; zero has no sign
 *   bytes = 1*OCTET                           ; the digits as one whole number: two's complement, big-endian, shortest
 */

/** Most digits that Spark's and Avro's readers hold. */
export const mostDigits = 38;

const numberPattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:e([+-]?\d{1,4}))?$/i;
/** What is longer is no number that fits: reading its digits would only cost time. */
const longestNumber = 100;

/** A number's text as a record holds it. Undefined: no number; null: one that does not fit without rounding. */
export function decimalText(said: string, precision: number, scale: number): string | null | undefined {
  if (said.length > longestNumber) return null;
  const [, sign, digits = '', exponent = '0'] = numberPattern.exec(said) ?? [];
  if (sign === undefined) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  const kept = `${whole}${fraction}`.replace(/^0+/, '');
  if (kept === '') return withPoint(0n, scale);
  const shift = Number(exponent) - fraction.length + scale;
  // Where digits would be cut off, only zeros may be.
  const cut = kept.slice(kept.length + Math.min(shift, 0));
  if (shift < 0 && (-shift > kept.length || /[1-9]/.test(cut))) return null;
  const length = kept.length + shift;
  if (length > precision) return null;
  const unscaled = BigInt(kept.slice(0, length).padEnd(length, '0'));
  return withPoint(sign === '-' ? -unscaled : unscaled, scale);
}

/** A record's text as Avro's bytes. Throws a RangeError when it is not in the form above, or does not fit. */
export function decimalBytes(text: unknown, precision: number, scale: number): Buffer {
  if (typeof text !== 'string' || decimalText(text, precision, scale) !== text) {
    throw new RangeError(
      `decimal(${precision}, ${scale}): expected a text with ${scale} digits after the point, got ${text}`,
    );
  }
  const unscaled = BigInt(text.replace('.', ''));
  const bytes = bytesNeeded(unscaled);
  const hex = BigInt.asUintN(bytes * 8, unscaled).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
}

/** Avro's bytes as a record's text. */
export function decimalOfBytes(bytes: Buffer, scale: number): string {
  const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  return withPoint(BigInt.asIntN(bytes.length * 8, unsigned), scale);
}

function bytesNeeded(value: bigint): number {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes += 1;
  return bytes;
}

function withPoint(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled)
    .replace('-', '')
    .padStart(scale + 1, '0');
  const point = digits.length - scale;
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
