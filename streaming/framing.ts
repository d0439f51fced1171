import type avro from 'avsc';

/**
 * A message's value, as the serializers of the two registries frame it:
 *
 *   value     = header payload
 *   header    = confluent / glue
 *   confluent = %x00 4OCTET        ; the schema's number, big-endian
 *   glue      = %x03 %x00 16OCTET  ; header version, no compression, UUID of the schema version
 *   payload   = 1*OCTET            ; one record in Avro's binary encoding
 */
const confluent = { magic: Buffer.of(0x00), bytes: 5 };
const glue = { magic: Buffer.of(0x03, 0x00), bytes: 18 };

/** A schema's id in its registry; its kind picks the header. Confluent's is a number, Glue's a UUID in lower case. */
export type SchemaId = number | string;

export interface Framed {
  readonly schemaId: SchemaId;
  readonly payload: Buffer;
}

/** What stands before the payload. Throws a RangeError when the id is neither 32 bits nor a UUID in lower case. */
export function headerOf(schemaId: SchemaId): Buffer {
  if (typeof schemaId === 'string') return Buffer.concat([glue.magic, bytesOfUuid(schemaId)]);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(schemaId);
  return Buffer.concat([confluent.magic, number]);
}

/** Encodes records into frames, through one growing buffer: no allocation per record but the value itself. */
export function frameEncoder(type: avro.Type, schemaId: SchemaId): (record: object) => Buffer {
  const header = headerOf(schemaId);
  let scratch = newScratch(4096, header);
  return (record) => {
    let end = type.encode(record, scratch, header.length);
    if (end < 0) {
      // A negative answer is how many bytes were missing.
      scratch = newScratch(2 * (scratch.length - end), header);
      end = type.encode(record, scratch, header.length);
    }
    return Buffer.from(scratch.subarray(0, end));
  };
}

function newScratch(bytes: number, header: Buffer): Buffer {
  const scratch = Buffer.alloc(bytes);
  header.copy(scratch);
  return scratch;
}

/** Splits a value; undefined when it is too short or begins like none of the headers. */
export function unframe(value: Buffer): Framed | undefined {
  const header = [confluent, glue].find(({ magic }) => value.subarray(0, magic.length).equals(magic));
  if (header === undefined || value.length <= header.bytes) return undefined;
  const id = value.subarray(header.magic.length, header.bytes);
  return {
    schemaId: header === confluent ? id.readUInt32BE() : uuidOf(id),
    payload: value.subarray(header.bytes),
  };
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

function bytesOfUuid(text: string): Buffer {
  if (!uuid.test(text)) throw new RangeError(`schema id: expected a number or a UUID in lower case, got "${text}"`);
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
