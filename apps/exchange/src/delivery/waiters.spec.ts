import type { Changes } from '@govbus/platform';
import { Waiters } from './waiters';

const subject = (consumerDepartment: string, n: number) => ({
  consumerDepartment,
  subscriptionId: `${consumerDepartment}-${n}`,
  datasetId: `dataset-${n % 50}`,
  agreementId: 'agreement',
});
const busy = expect.objectContaining({ code: 'delivery.busy' }) as Error;

it('leaves room for other departments, however many requests of one wait', () => {
  // Nothing changes here.
  const waiters = new Waiters({} as Changes);
  const [first] = Array.from({ length: 1_000 }, (_, n) => waiters.open(subject('one', n)));
  expect(() => waiters.open(subject('one', 1_000))).toThrow(busy);
  waiters.open(subject('other', 1));
  // A place is given back once.
  first?.close();
  first?.close();
  waiters.open(subject('one', 1_001));
  expect(() => waiters.open(subject('one', 1_002))).toThrow(busy);
  expect(waiters.size).toBe(1_001);
});
