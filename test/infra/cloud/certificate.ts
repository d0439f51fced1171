import { generateKeyPairSync, sign } from 'node:crypto';

/**
 * A certificate of `localhost` that signs itself, made for one test (RFC 5280, in DER):
 *
 *   certificate = SEQ{ tbs, algorithm, BIT STRING signature }
 *   tbs         = SEQ{ [0]{ INT 2 }, serial, algorithm, name, validity, name, public key, [3]{ SEQ{ extension .. } } }
 */
export function localhostCertificate(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const tbs = sequence(
    tlv(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name('localhost'),
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name('localhost'),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(extension('551d13', sequence(tlv(0x01, Buffer.from([0xff])))), extension('551d11', subjectNames)),
    ),
  );
  const signature = sign('sha256', tbs, privateKey);
  const certificate = sequence(tbs, ecdsaWithSha256, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
  };
}

function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  const length =
    value.length < 128
      ? [value.length]
      : value.length < 256
        ? [0x81, value.length]
        : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

const sequence = (...content: readonly Buffer[]) => tlv(0x30, ...content);
const integer = (value: number) => tlv(0x02, Buffer.from([value]));
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const utcTime = (text: string) => tlv(0x17, Buffer.from(text));
const name = (common: string) => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(common)))));
const extension = (id: string, value: Buffer) => sequence(oid(id), tlv(0x04, value));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const subjectNames = sequence(tlv(0x82, Buffer.from('localhost')));
