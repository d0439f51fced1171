import { createHash, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/**
 * A key store of Java (JKS), version 2, that holds certificates and no key:
 *
 *   store  = %xFEEDFEED uint32(2) uint32(count) *entry digest
 *   entry  = uint32(2) utf(alias) uint64(0) utf("X.509") uint32(length) certificate
 *                                       ; 2: trusted, 0: the time it was added
 *   utf    = uint16(length) *OCTET      ; of ASCII here
 *   digest = SHA-1(utf16be(password) "Mighty Aphrodite" everything before it)
 *
 * Numbers are big-endian. The digest guards against damage, not against people: its password is no secret.
 */
export function javaTruststore(certificates: readonly Trusted[], password: string): Buffer {
  const entries = certificates.map(({ alias, der }) =>
    Buffer.concat([uint32(2), utf(alias), Buffer.alloc(8), utf('X.509'), uint32(der.length), der]),
  );
  const body = Buffer.concat([uint32(0xfeedfeed), uint32(2), uint32(entries.length), ...entries]);
  const digest = createHash('sha1').update(utf16be(password)).update('Mighty Aphrodite').update(body).digest();
  return Buffer.concat([body, digest]);
}

export interface Trusted {
  readonly alias: string;
  readonly der: Buffer;
}

/** What Keyspaces' certificates go back to: AWS is on its way from Starfield to its own roots, and uses both. */
const trusted: Readonly<Record<string, string>> = {
  'amazon-root-ca-1': 'Amazon Root CA 1',
  'amazon-root-ca-2': 'Amazon Root CA 2',
  'amazon-root-ca-3': 'Amazon Root CA 3',
  'amazon-root-ca-4': 'Amazon Root CA 4',
  'starfield-root-g2': 'Starfield Root Certificate Authority - G2',
  'starfield-services-root-g2': 'Starfield Services Root Certificate Authority - G2',
};

/** The roots of Keyspaces, out of those that Node itself trusts. */
export function keyspacesRoots(known: readonly string[] = rootCertificates): readonly Trusted[] {
  const certificates = known.map((pem) => new X509Certificate(pem));
  return Object.entries(trusted).map(([alias, commonName]) => {
    const found = certificates.find(({ subject }) => subject.split('\n').includes(`CN=${commonName}`));
    if (found !== undefined) return { alias, der: found.raw };
    throw new Error(`Node's root certificates: expected ${commonName}, got none of that name; use a Node that has it`);
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function utf(text: string): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(text.length);
  return Buffer.concat([bytes, Buffer.from(text, 'ascii')]);
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
