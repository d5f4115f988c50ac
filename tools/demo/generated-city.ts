// A small city out of nothing but a seed: the same seed gives the same city, byte for byte.
const agencies = [
  ['URBAN', 'Urban Management Bureau 城市管理局'],
  ['WATER', 'Water Authority 水务局'],
  ['HEALTH', 'Health Commission 卫生健康委员会'],
] as const;
const categories: Record<string, [string, string[]][]> = {
  URBAN: [
    ['Rubbish 暴露垃圾', ['Heap 垃圾堆', 'Overflowing bin 垃圾箱满溢']],
    ['Street trading 占道经营', ['Stall 流动摊贩', 'Goods outside 店外经营']],
  ],
  WATER: [
    ['Broken pipe 管道破损', ['Leak 漏水', 'Burst 爆管']],
    ['Manhole cover 井盖', ['Missing 缺失', 'Loose 松动']],
  ],
  HEALTH: [['Stray animal 流浪动物', ['Dog 犬', 'Cat 猫']]],
};
const districts = [
  ['LAKESIDE', '湖滨区'],
  ['OLD TOWN', '老城区'],
  ['HARBOUR', '港口区'],
  ['HIGH TECH', '高新区'],
] as const;
const streets = ['Camphor Road 香樟路', 'Willow Lane 柳巷', 'Stone Bridge Street 石桥街', 'Tea Hill Road 茶山路'];
const header =
  'Unique Key,Created Date,Closed Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,Incident Zip,Incident Address,City,Status,Borough,Latitude,Longitude';
const west = 120.1;
const south = 30.2;
const side = 0.02;
const perDistrict = 3;

/** The cases as CSV and the neighbourhoods as GeoJSON; every few hundredth case is unlocated or of no known district. */
export function generateCity(seed: number, cases = 2_000): { csv: string; grid: object } {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const lines = Array.from({ length: cases }, (_, i) => {
    const [agency, agencyName] = pick(agencies);
    const [category, descriptors] = pick(categories[agency] ?? []);
    const district = Math.floor(random() * districts.length);
    const at = new Date(Date.UTC(2026, 2, 1) + Math.floor(random() * 90 * 24 * 60) * 60_000);
    const [longitude, latitude] = [west + side * perDistrict * random(), south + side * (district + random())];
    const isLocated = random() > 0.01;
    return [
      700_000 + i,
      `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${at.getUTCHours()}:${String(at.getUTCMinutes()).padStart(2, '0')}`,
      '',
      agency,
      agencyName,
      category,
      pick(descriptors),
      'Street 街道',
      310_000 + district,
      `"${1 + Math.floor(random() * 300)} ${pick(streets)}, gate ""${pick(['A', 'B', 'C'])}"""`,
      'Jiangcheng 江城',
      random() > 0.1 ? 'Closed' : 'In Progress',
      random() > 0.005 ? districts[district]?.[0] : 'Unspecified',
      isLocated ? latitude.toFixed(7) : '',
      isLocated ? longitude.toFixed(7) : '',
    ].join(',');
  });
  return { csv: `${[header, ...lines].join('\n')}\n`, grid: gridOf() };
}

function gridOf(): object {
  const features = districts.flatMap(([name, zh], row) =>
    Array.from({ length: perDistrict }, (_, column) => {
      const [w, s] = [west + side * column, south + side * row];
      const [e, n] = [w + side, s + side];
      const title = `${name} ${column + 1}`;
      return {
        type: 'Feature',
        properties: { name: title, names: { en: title, zh: `${zh}第${column + 1}网格` } },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [w, s],
              [e, s],
              [e, n],
              [w, n],
              [w, s],
            ],
          ],
        },
      };
    }),
  );
  return { type: 'FeatureCollection', features };
}

// mulberry32: small, good enough for a made-up city, and the same on every machine.
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
