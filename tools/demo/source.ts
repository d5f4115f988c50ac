// The city that the demo plays on: real files when they are given, else a generated city with the same columns.
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse';
import { generateCity } from './generated-city.ts';

export type Row = Record<string, string>;
export type Ring = [number, number][];
/** A neighbourhood of the grid; `polygons` as in GeoJSON: outer ring, then holes. */
export type Cell = { name: string; names: Record<string, string>; polygons: Ring[][] };
export type City = {
  casesFile: string;
  gridId: string;
  gridJson: unknown;
  cells: Cell[];
  rows: Row[];
  /** Boroughs that the schema knows: a row with another is refused. */
  boroughs: string[];
  /** Code and name of each agency, in the order of their first row. */
  agencies: Map<string, string>;
  zone: string;
};

type Feature = {
  properties: { name: string; names?: Record<string, string> };
  geometry: { type: string; coordinates: Ring[] | Ring[][] };
};

export const columns = {
  id: 'Unique Key',
  created: 'Created Date',
  agency: 'Agency',
  agencyName: 'Agency Name',
  category: 'Complaint Type',
  descriptor: 'Descriptor',
  place: 'Location Type',
  zip: 'Incident Zip',
  address: 'Incident Address',
  city: 'City',
  status: 'Status',
  borough: 'Borough',
  latitude: 'Latitude',
  longitude: 'Longitude',
} as const;

export async function readCity(cases: string | undefined, grids: string | undefined, dir: string): Promise<City> {
  const real = cases !== undefined && grids !== undefined;
  if (!real && (cases ?? grids) !== undefined) throw new Error('give both --cases and --grids, or neither');
  const files = real ? { cases, grids } : written(dir);
  const gridJson: unknown = JSON.parse(readFileSync(files.grids, 'utf8'));
  const rows = await readRows(files.cases);
  const first = rows[0];
  const missing = Object.values(columns).filter((column) => first?.[column] === undefined);
  if (missing.length > 0) throw new Error(`${basename(files.cases)} lacks the columns ${missing.join(', ')}`);
  return {
    casesFile: files.cases,
    gridId: slugOf(basename(files.grids).replace(/\.\w+$/, '')),
    gridJson,
    cells: (gridJson as { features: Feature[] }).features.map(cellOf),
    rows,
    boroughs: [...new Set(rows.map((row) => row[columns.borough] ?? ''))]
      .filter((name) => name !== 'Unspecified')
      .sort(),
    agencies: new Map(rows.map((row) => [row[columns.agency] ?? '', row[columns.agencyName] ?? ''])),
    zone: real ? 'America/New_York' : 'Asia/Shanghai',
  };
}

/** A spoken key made from a name. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);

function written(dir: string): { cases: string; grids: string } {
  mkdirSync(dir, { recursive: true });
  const { csv, grid } = generateCity(20_261_125);
  const files = { cases: join(dir, 'generated-cases.csv'), grids: join(dir, 'generated-city.geojson') };
  writeFileSync(files.cases, csv);
  writeFileSync(files.grids, JSON.stringify(grid));
  return files;
}

async function readRows(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of createReadStream(file).pipe(parse({ columns: true, bom: true }))) rows.push(row as Row);
  return rows;
}

function cellOf({ properties: { name, names }, geometry }: Feature): Cell {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates as Ring[]] : (geometry.coordinates as Ring[][]);
  return { name, names: names ?? { en: name }, polygons };
}
