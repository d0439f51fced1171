import type { Config } from '../config.ts';
import { prices } from '../prices.ts';
import { assumed } from './assumptions.ts';
import { inventoryOf } from './inventory.ts';
import { type CostLine, line } from './line.ts';
import { landingLines, tableLines, topicLines } from './stores.ts';
import { minutesPerMonth, type Volume } from './volume.ts';
import { functionLines, logGb, orchestrationLines, streamLines } from './work.ts';

/** Every line of a month's bill, in path order. `ageMonths`: how long the tables have been filling. */
export function costLines(config: Config, volumes: readonly Volume[], ageMonths = 1): readonly CostLine[] {
  const { secrets } = inventoryOf(config);
  return [
    ...networkLines(config, volumes),
    ...landingLines(config, volumes),
    line('landing', 'secret of its owner', secrets, prices.secret),
    ...topicLines(config, volumes),
    ...streamLines(config, volumes),
    ...tableLines(volumes, ageMonths),

    ...functionLines(config, volumes),
    ...orchestrationLines(config),
    ...observeLines(config, volumes),
  ];
}

function networkLines(config: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const { natGateways, endpoints } = config.network;
  const hours = natGateways * prices.hoursPerMonth;
  const zones = inventoryOf(config).endpoints * config.zones.length;
  const toTables = trafficGb(volumes, ({ tables }) => tables);
  const inside = endpoints
    ? [
        line('network', 'endpoints, in every zone', zones * prices.hoursPerMonth, prices.endpointHour),
        line('network', 'rows through an endpoint', toTables, prices.endpointGb),
      ]
    : [];
  const outside = trafficGb(volumes, ({ isFetched }) => (isFetched ? 1 : 0)) + (endpoints ? 0 : toTables);
  return [
    line('network', 'NAT', hours, prices.natHour),
    line('network', 'public IPv4 of NAT', hours, prices.publicIpv4Hour),
    line('network', 'through NAT', outside + assumed.natOverheadGb.value, prices.natGb),
    ...inside,
  ];
}

const trafficGb = (volumes: readonly Volume[], times: (volume: Volume) => number) =>
  volumes.reduce(
    (gb, volume) => gb + (volume.recordsPerMinute * minutesPerMonth * volume.bytes * times(volume)) / 1e9,
    0,
  );

function observeLines(config: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const { alarms, metrics, dashboards, keys } = inventoryOf(config);
  const logs = logGb(config, volumes);
  return [
    line('observe', 'logs taken in', logs, prices.logGbIn),
    line('observe', 'logs kept', (logs * config.functions.logDays) / 30, prices.logGbKept),
    line('observe', 'metrics of our own', metrics, prices.metric),
    line('observe', 'alarms', alarms, prices.alarm),
    line('observe', 'dashboard', dashboards, prices.dashboard),
    line('observe', 'keys, of all parts', keys, prices.key),
  ];
}
