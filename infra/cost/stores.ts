import type { Config } from '../config.ts';
import { priceOf, prices } from '../prices.ts';
import { assumed } from './assumptions.ts';
import { type CostLine, line } from './line.ts';
import { minutesPerMonth, type Volume } from './volume.ts';

const { hoursPerMonth } = prices;
const gb = 1e9;
const minutesPerDay = 1440;

const sum = (volumes: readonly Volume[], of: (volume: Volume) => number) =>
  volumes.reduce((total, volume) => total + of(volume), 0);

const bytesPerMinute = ({ recordsPerMinute, bytes }: Volume) => recordsPerMinute * bytes;

/** GB that PostgreSQL holds once its oldest partition is as old as it gets. */
export const landingGb = (volumes: readonly Volume[]) =>
  sum(
    volumes,
    (volume) => (bytesPerMinute(volume) * assumed.landingFactor.value * minutesPerDay * volume.keepDays.landing) / gb,
  );

/** GB that the brokers hold, replicas included. */
export const topicGb = ({ topic }: Config, volumes: readonly Volume[]) =>
  sum(
    volumes,
    (volume) =>
      (bytesPerMinute(volume) *
        assumed.messageShare.value *
        minutesPerDay *
        volume.keepDays.topic *
        topic.replication) /
      gb,
  );

export function landingLines({ landing }: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const copies = landing.multiAz ? 2 : 1;
  const standby = landing.multiAz ? ' and its standby' : '';
  // The disk grows by itself when a week does not fit.
  const disk = Math.max(landing.storageGb, Math.ceil(landingGb(volumes)));
  return [
    line(
      'landing',
      `PostgreSQL, ${landing.instance}${standby}`,
      hoursPerMonth * copies,
      priceOf('databaseHour', landing.instance),
    ),
    line('landing', `disk of PostgreSQL, ${disk} GB${standby}`, disk * copies, prices.databaseGb),
  ];
}

export function topicLines(config: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const { topic } = config;
  const brokers = line(
    'topic',
    `Kafka, ${topic.brokers} x ${topic.instance}`,
    topic.brokers * hoursPerMonth,
    priceOf('brokerHour', topic.instance),
  );
  if (!topic.instance.startsWith('express.')) {
    return [
      brokers,
      line('topic', `disks of Kafka, ${topic.volumeGb} GB each`, topic.brokers * topic.volumeGb, prices.brokerGb),
    ];
  }
  const gbIn = (sum(volumes, bytesPerMinute) * assumed.messageShare.value * minutesPerMonth) / gb;
  return [
    brokers,
    line('topic', 'storage of Kafka, as used', Math.ceil(topicGb(config, volumes)), prices.brokerGb),
    line('topic', 'into Kafka', gbIn, prices.expressGbIn),
  ];
}

const unitBytes = 1024;

/** Keyspaces is paid by the row: written once, kept, and taken away when its time is over. */
export function tableLines(volumes: readonly Volume[], ageMonths: number): readonly CostLine[] {
  const rowBytes = ({ bytes }: Volume) => bytes + assumed.rowOverhead.value;
  const rows = ({ recordsPerMinute, tables }: Volume) => recordsPerMinute * minutesPerMonth * tables;
  const units = sum(volumes, (volume) => rows(volume) * Math.ceil(rowBytes(volume) / unitBytes));
  const expired = sum(volumes, (volume) => (monthsKept(volume) < ageMonths ? rows(volume) : 0));
  const kept = sum(
    volumes,
    (volume) => (rows(volume) * rowBytes(volume) * Math.min(ageMonths, monthsKept(volume))) / gb,
  );
  return [
    line('table', 'rows written', units / 1e6, prices.keyspacesWrites),
    line('table', 'rows whose time is over', expired / 1e6, prices.keyspacesTtl),
    line('table', `rows kept, ${ageMonths === 1 ? 'one month' : `${ageMonths} months`} old`, kept, prices.keyspacesGb),
    line('table', 'point-in-time recovery of them', kept, prices.keyspacesBackupGb),
  ];
}

const monthsKept = ({ keepDays }: Volume) => (keepDays.tables * minutesPerDay) / minutesPerMonth;
