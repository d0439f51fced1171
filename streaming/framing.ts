import type avro from 'avsc';

/**
 * A message's value, as Confluent's serializers frame it:
 *
 *   value   = magic schema-id payload
 *   magic   = %x00
 *   schema-id = 4OCTET          ; big-endian id in the registry
 *   payload = *OCTET            ; one record in Avro's binary encoding
 */
export const magicByte = 0x00;
export const frameBytes = 5;

export interface Framed {
  readonly schemaId: number;
  readonly payload: Buffer;
}

/** Encodes records into frames, through one growing buffer: no allocation per record but the value itself. */
export function frameEncoder(type: avro.Type, schemaId: number): (record: object) => Buffer {
  let scratch = newScratch(4096, schemaId);
  return (record) => {
    let end = type.encode(record, scratch, frameBytes);
    if (end < 0) {
      // A negative answer is how many bytes were missing.
      scratch = newScratch(2 * (scratch.length - end), schemaId);
      end = type.encode(record, scratch, frameBytes);
    }
    return Buffer.from(scratch.subarray(0, end));
  };
}

function newScratch(bytes: number, schemaId: number): Buffer {
  const scratch = Buffer.alloc(bytes);
  scratch.writeUInt8(magicByte, 0);
  scratch.writeUInt32BE(schemaId, 1);
  return scratch;
}

/** Splits a value; undefined when it is too short or carries another magic byte. */
export function unframe(value: Buffer): Framed | undefined {
  if (value.length <= frameBytes || value[0] !== magicByte) return undefined;
  return { schemaId: value.readUInt32BE(1), payload: value.subarray(frameBytes) };
}
