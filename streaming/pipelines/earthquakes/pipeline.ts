import { definePipeline, http } from '../../definition.ts';
import { dayOf, desc, double, int, list, oneOf, text, timestamp, versionField } from '../../fields.ts';

/** A revision may show up in the API later than its own time says; what comes twice is the same cells again. */
const overlapMs = 2 * 60_000;

/** The usual words for a magnitude. */
const strength = text(
  "CASE WHEN magnitude IS NULL THEN 'unknown' WHEN magnitude < 2 THEN 'micro' WHEN magnitude < 4 THEN 'minor' " +
    "WHEN magnitude < 5 THEN 'light' WHEN magnitude < 6 THEN 'moderate' WHEN magnitude < 7 THEN 'strong' " +
    "WHEN magnitude < 8 THEN 'major' ELSE 'great' END",
);

/**
 * USGS event API -> landing -> earthquakes.v1 -> stream -> quakes, quake_revisions
 *
 * Earthquakes are revised for days after they happened: the same id comes again with a later `updated`, which is the
 * record's version. The API knows no end of a window: a late run is given newer revisions too, and that is harmless.
 */
export const earthquakes = definePipeline({
  name: 'earthquakes',
  schedule: { every: '1m', records: 1000 },

  source: http({
    url: 'https://earthquake.usgs.gov/fdsnws/event/1/query',
    query: ({ page, size, from }) => ({
      format: 'geojson',
      updatedafter: new Date(Date.parse(from) - overlapMs).toISOString(),
      orderby: 'time-asc', // what comes in between two pages moves records back, so that none is passed over
      limit: size,
      offset: 1 + (page - 1) * size,
    }),
    records: 'features',
    paging: 'window',
    maxPage: 20_000,
    empty: 'allowed',
  }),

  record: {
    quake_id: text('id').key().max(64).pii('none'),
    happened: timestamp('properties.time').pii('none'),
    updated: timestamp('properties.updated').pii('none'),
    magnitude: double('properties.mag').nullable().pii('none'), // measured: 2.6499999 is no mistake
    magnitude_type: text('properties.magType').nullable().pii('none'),
    place: text('properties.place').nullable().pii('none'),
    longitude: double('geometry.coordinates.0').pii('none'),
    latitude: double('geometry.coordinates.1').pii('none'),
    depth_km: double('geometry.coordinates.2').nullable().pii('none'),
    status: oneOf('properties.status', ['automatic', 'reviewed', 'deleted']).pii('none'),
    alert: oneOf('properties.alert', ['green', 'yellow', 'orange', 'red']).nullable().pii('none'),
    tsunami: int('properties.tsunami').pii('none'), // 1: large and below the sea
    significance: int('properties.sig').pii('none'),
    felt: int('properties.felt').nullable().pii('none'),
    stations: int('properties.nst').nullable().pii('none'),
    gap: double('properties.gap').nullable().pii('none'),
    network: text('properties.net').pii('none'),
    kind: text('properties.type').pii('none'),
    sources: list(text('properties.sources'), { split: ',' }).pii('none'),
    products: list(text('properties.types'), { split: ',' }).pii('none'),
  },
  version: versionField('updated'),

  quality: {
    on_earth: 'latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180',
  },

  tables: {
    quakes: {
      partition: ['quake_id'],
      columns: { strength },
    },
    quake_revisions: {
      partition: ['day'],
      cluster: [desc('updated'), 'quake_id'],
      only: ['updated', 'quake_id', 'happened', 'magnitude', 'place', 'status'],
      columns: { day: dayOf('updated'), strength },
    },
  },

  keep: { landing: '7d', topic: '7d', tables: '365d' },
});
