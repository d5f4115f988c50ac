import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RunningCity } from './running-city';

const city = RunningCity.shared();
const shared = process.env['GOVBUS_SHARED_DATA'] ?? join(__dirname, '../../../../shared/data');
const files = {
  cases: join(shared, 'cases/nyc311-animals.csv'),
  grids: join(shared, 'places/nyc-neighborhoods.geojson'),
};
const isThere = existsSync(files.cases) && existsSync(files.grids);

it('adds up on a generated city, also when the exchange is killed in the middle of the import', async () => {
  let kills = 0;
  let seen = '';
  let killing: NodeJS.Timeout | undefined;
  const kill = (): void => {
    if (city.kill('exchange')) kills += 1;
    // Twice, so that the second kill may hit what the first left.
    if (kills < 2) killing = setTimeout(kill, 2_000);
  };
  const { code, output } = await city.demo([], (text) => {
    seen += text;
    // The last that is said before the import; its first process needs a moment to begin.
    if (seen.includes('asked for the purpose')) killing ??= setTimeout(kill, 500);
  });
  clearTimeout(killing);
  expect({ output, code }).toMatchObject({ output: expect.stringContaining('everything adds up'), code: 0 });
  expect(kills).toBeGreaterThanOrEqual(1);
}, 300_000);

// The real data are no part of the product: without them the run says that this was skipped.
(isThere ? it : it.skip)(
  'adds up on the real service requests of a real city',
  async () => {
    const { code, output } = await city.demo(['--cases', files.cases, '--grids', files.grids]);
    expect({ output, code }).toMatchObject({ output: expect.stringContaining('everything adds up'), code: 0 });
    expect(output).toMatch(/rows of the file\s+4969\s+4969/);
  },
  300_000,
);
