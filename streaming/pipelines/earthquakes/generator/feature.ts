import { below, type Draw, drawFrom, type Quake, type Revision, rounded } from './quake.ts';

/** A revision as the API says it. */
export function featureOf({ quake, updated, number }: Revision): object {
  const draw = drawFrom(`revision ${number} of ${quake.code}`);
  const isReviewed = number > 0;
  // A machine's first guess is off by more, and sometimes there is none.
  const isMeasured = isReviewed || below(draw, 25) > 0;
  const mag = rounded(quake.magnitude + (draw() - 0.5) / (isReviewed ? 5 : 2), 2);
  const felt = isReviewed ? quake.felt : null;
  return {
    type: 'Feature',
    properties: {
      mag: isMeasured ? mag : null,
      place: quake.place,
      time: quake.time,
      updated,
      tz: null,
      ...addressesOf(quake),
      ...effectsOf(mag, felt, draw),
      status: isReviewed ? 'reviewed' : 'automatic',
      tsunami: mag > 6 ? 1 : 0,
      sig: Math.round((mag * mag * 1000) / 65),
      ...namesOf(quake, felt),
      ...(isMeasured ? fitOf(quake, draw) : noFit),
      type: quake.isBlast ? 'quarry blast' : 'earthquake',
      title: titleOf(isMeasured ? mag : null, quake.place),
    },
    geometry: { type: 'Point', coordinates: [quake.longitude, quake.latitude, isMeasured ? quake.depth : null] },
    id: quake.id,
  };
}

const titleOf = (mag: number | null, place: string | null) =>
  `M ${mag === null ? '?' : mag.toFixed(1)} - ${place ?? 'unknown place'}`;

function addressesOf({ id }: Quake) {
  return {
    url: `https://earthquake.usgs.gov/earthquakes/eventpage/${id}`,
    detail: `https://earthquake.usgs.gov/fdsnws/event/1/query?eventid=${id}&format=geojson`,
  };
}

/** What people and the ground did, as far as somebody has looked. */
function effectsOf(mag: number, felt: number | null, draw: Draw) {
  return {
    felt,
    cdi: felt === null ? null : rounded(1 + draw() * 4, 1),
    mmi: mag > 4 ? rounded(draw() * 6, 3) : null,
    alert: felt !== null && mag > 4 ? alertOf(mag) : null,
  };
}

function alertOf(mag: number): string {
  if (mag > 7.5) return 'red';
  if (mag > 7) return 'orange';
  return mag > 6 ? 'yellow' : 'green';
}

function namesOf({ id, code, region }: Quake, felt: number | null) {
  return {
    net: region.net,
    code,
    ids: `,${id},`,
    sources: `,${region.net},`,
    types: felt === null ? ',nearby-cities,origin,phase-data,' : ',dyfi,nearby-cities,origin,phase-data,',
  };
}

/** How well the stations agree. */
function fitOf({ region }: Quake, draw: Draw) {
  return {
    nst: 4 + below(draw, 60),
    dmin: rounded(draw() / 2, 5),
    rms: rounded(draw() / 2, 2),
    gap: 20 + below(draw, 250),
    magType: region.magType,
  };
}

const noFit = { nst: null, dmin: null, rms: null, gap: null, magType: null };
