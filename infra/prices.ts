/**
 * What AWS asks for, by hand: one place to put right. Sources: `list price, unverified` is AWS's list price from
 * memory of its pages, not read again on the day below; the others say where they were read.
 */
export interface Price {
  readonly usd: number;
  readonly per: string;
  readonly source: string;
  /** So much of it costs an account nothing, every month and for ever; one account holds one stage. */
  readonly free?: number;
}

const unverified = 'list price, unverified';
const sizing = "AWS's msk_sizing.py";

const price = (usd: number, per: string, source: string = unverified, free?: number): Price => ({
  usd,
  per,
  source,
  ...(free === undefined ? {} : { free }),
});

export const prices = {
  asOf: '2026-11-24',
  region: 'us-east-1',
  currency: 'USD',
  hoursPerMonth: 730,

  natHour: price(0.045, 'gateway-hour'),
  natGb: price(0.045, 'GB through NAT'),
  publicIpv4Hour: price(0.005, 'address-hour'),
  endpointHour: price(0.01, 'endpoint-zone-hour'),
  endpointGb: price(0.01, 'GB through an endpoint'),

  databaseHour: {
    'db.t4g.micro': price(0.016, 'instance-hour'),
    'db.t4g.small': price(0.032, 'instance-hour'),
    'db.t4g.medium': price(0.065, 'instance-hour'),
    'db.m7g.large': price(0.168, 'instance-hour'),
    'db.m7g.xlarge': price(0.337, 'instance-hour'),
  },
  databaseGb: price(0.115, 'GB-month of gp3'),

  brokerHour: {
    'kafka.t3.small': price(0.0456, 'broker-hour'),
    'kafka.m7g.large': price(0.204, 'broker-hour', sizing),
    'kafka.m7g.xlarge': price(0.408, 'broker-hour'),
    'express.m7g.large': price(0.408, 'broker-hour', sizing),
  },
  brokerGb: price(0.1, 'GB-month of a broker'),
  expressGbIn: price(0.01, 'GB into Express brokers', sizing),

  sparkVcpuHour: price(0.0421, 'vCPU-hour of EMR Serverless, ARM'),
  sparkGbHour: price(0.0046, 'GB-hour of EMR Serverless, ARM'),

  keyspacesWrites: price(0.625, 'million write units', 'AWS price snapshot, November 2025'),
  keyspacesGb: price(0.25, 'GB-month', 'AWS price snapshot, November 2025'),
  keyspacesBackupGb: price(0.2, 'GB-month of point-in-time recovery'),
  keyspacesTtl: price(0.275, 'million TTL deletes'),

  lambdaCalls: price(0.2, 'million calls', unverified, 1),
  lambdaGbSecond: price(0.0000133334, 'GB-second, ARM', unverified, 400_000),
  scheduler: price(1, 'million schedules fired', unverified, 14),

  airflowHour: {
    'mw1.micro': price(0.29, 'environment-hour'),
    'mw1.small': price(0.49, 'environment-hour', "c3x.dev's post on MWAA"),
    'mw1.medium': price(0.74, 'environment-hour', "c3x.dev's post on MWAA; another source says 0.88"),
    'mw1.large': price(0.99, 'environment-hour'),
  },
  airflowGb: price(0.1, 'GB-month of its database'),

  key: price(1, 'key-month'),
  secret: price(0.4, 'secret-month'),

  logGbIn: price(0.5, 'GB of logs taken in', unverified, 5),
  logGbKept: price(0.03, 'GB-month of logs kept', unverified, 5),
  metric: price(0.3, 'metric-month', unverified, 10),
  alarm: price(0.1, 'alarm-month', unverified, 10),
  dashboard: price(3, 'dashboard-month', unverified, 3),

  s3Gb: price(0.023, 'GB-month'),
  s3Writes: price(5, 'million PUT, COPY and LIST'),
  s3Reads: price(0.4, 'million GET and HEAD'),
} as const;

/** The price of a size; one that has none is an error that says where to put it. */
export function priceOf(kind: 'databaseHour' | 'brokerHour' | 'airflowHour', size: string): Price {
  const known: Readonly<Record<string, Price>> = prices[kind];
  const found = known[size];
  if (found !== undefined) return found;
  throw new Error(
    `${kind}: expected a price of ${size}, got those of ${Object.keys(known).join(', ')}; infra/prices.ts`,
  );
}
