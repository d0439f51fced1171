/** Where the ground shakes, and the network that listens there. */
export interface Region {
  readonly net: string;
  readonly magType: string;
  readonly town: string;
  readonly longitude: number;
  readonly latitude: number;
  /** Smallest magnitude that the network reports. */
  readonly least: number;
}

export const regions: readonly Region[] = [
  { net: 'nc', magType: 'md', town: 'Cobb, CA', longitude: -122.72, latitude: 38.82, least: 0.3 },
  { net: 'nc', magType: 'ml', town: 'Parkfield, CA', longitude: -120.43, latitude: 35.9, least: 0.5 },
  { net: 'ci', magType: 'ml', town: 'Ridgecrest, CA', longitude: -117.67, latitude: 35.62, least: 0.4 },
  { net: 'nn', magType: 'ml', town: 'Tonopah, Nevada', longitude: -117.23, latitude: 38.07, least: 0.2 },
  { net: 'uu', magType: 'md', town: 'Milford, Utah', longitude: -113.01, latitude: 38.4, least: 0.4 },
  { net: 'ak', magType: 'ml', town: 'Cantwell, Alaska', longitude: -148.95, latitude: 63.39, least: 0.9 },
  { net: 'hv', magType: 'md', town: 'Pāhala, Hawaii', longitude: -155.48, latitude: 19.2, least: 1.2 },
  { net: 'pr', magType: 'md', town: 'Guánica, Puerto Rico', longitude: -66.91, latitude: 17.97, least: 1.8 },
  { net: 'tx', magType: 'ml', town: 'Mentone, Texas', longitude: -103.6, latitude: 31.7, least: 1.5 },
  { net: 'us', magType: 'mb', town: 'Hualien City, Taiwan', longitude: 121.6, latitude: 23.98, least: 4.1 },
  { net: 'us', magType: 'mb', town: 'Neiafu, Tonga', longitude: -173.98, latitude: -18.65, least: 4.2 },
  { net: 'us', magType: 'mww', town: 'Calama, Chile', longitude: -68.93, latitude: -22.46, least: 4.4 },
];
