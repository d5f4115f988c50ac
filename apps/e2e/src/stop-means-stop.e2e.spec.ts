import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { agreeOn, must, newDataset, publish, subscribe } from './dataset';
import { RunningCity } from './running-city';

const city = RunningCity.shared();

it('ends a running webhook and a pull within a second of the revocation (P5)', async () => {
  const arrivals: number[] = [];
  const receiver = createServer((request, response) => {
    arrivals.push(performance.now());
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const datasetId = await newDataset(city);
  const agreementId = await agreeOn(city, datasetId);
  const { port } = receiver.address() as AddressInfo;
  await subscribe(city, agreementId, 'webhook', { webhook: { url: `http://127.0.0.1:${port}/` } });
  const pulled = await subscribe(city, agreementId, 'pull');
  const pulls: { at: number; status: number }[] = [];
  let isOver = false;
  // Publishing and pulling go on before, during and after the revocation.
  const publishing = (async () => {
    for (let n = 0; !isOver; n += 1)
      await publish(city, datasetId, [{ reportId: `r-${n}`, category: 'noise', phone: '1' }]);
  })();
  const pulling = (async () => {
    while (!isOver) {
      const at = performance.now();
      const { status } = await city.call(
        'water-system',
        'GET',
        `${city.url('exchange')}/v1/subscriptions/${pulled}/events?limit=1`,
      );
      pulls.push({ at, status });
    }
  })();
  while (arrivals.length < 5) await pause(20);
  const url = `${city.url('data-catalog')}/v1/agreements/${agreementId}/revoke`;
  await must(() => city.call('sharing-officer', 'POST', url, { reason: 'over' }));
  const revokedAt = performance.now();
  await pause(2_500);
  isOver = true;
  await Promise.all([publishing, pulling]);
  receiver.close();
  expect(pulls.some(({ status }) => status === 200)).toBe(true);
  expect(arrivals.filter((at) => at > revokedAt + 1_000)).toEqual([]);
  expect(pulls.filter(({ at, status }) => at > revokedAt + 1_000 && status === 200)).toEqual([]);
  expect(pulls.at(-1)).toMatchObject({ status: 403 });
});
