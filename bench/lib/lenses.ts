// Twenty consumers with different lenses, and what each must receive, computed here without the exchange's code.
import type { AgreementRecordV1 } from '@govbus/contracts';
import { type Report, reportOf } from './city.ts';

type Terms = AgreementRecordV1['terms'];
export const consumers = 20;
const open = ['/key', '/district', '/category', '/status', '/openedAt', '/description'];

/** Terms of consumer `c`: five row filters, four sets of fields, three masks each. */
export function termsOf(c: number): Partial<Terms> {
  const more = [[], ['/latitude', '/longitude'], ['/units'], ['/latitude', '/longitude', '/units']][c % 4] ?? [];
  return {
    fields: [...open, '/name', '/phone', ...more],
    masks: [
      { field: '/name', kind: 'redact' },
      { field: '/phone', kind: 'partial', params: { keepStart: 3, keepEnd: 2 } },
      { field: '/openedAt', kind: 'generalise', params: { keep: c % 2 === 0 ? 'month' : 'day' } },
    ],
    rowFilter: filterOf(c),
  };
}

function filterOf(c: number): Terms['rowFilter'] {
  const district = (n: number): string => `district-${n % 10}`;
  switch (c % 5) {
    case 0:
      return undefined;
    case 1:
      return { in: { field: '/district', values: [district(c), district(c + 1), district(c + 2), district(c + 3)] } };
    case 2:
      return { not: { equals: { field: '/status', value: 'done' } } };
    case 3:
      return { prefix: { field: '/category', value: 'p' } };
    default:
      return {
        any: [{ equals: { field: '/status', value: 'open' } }, { equals: { field: '/district', value: district(c) } }],
      };
  }
}

function isGiven(c: number, { district = '', status, category }: Report): boolean {
  const place = Number(district.slice('district-'.length));
  switch (c % 5) {
    case 0:
      return true;
    case 1:
      return (place - (c % 10) + 10) % 10 <= 3;
    case 2:
      return status !== 'done';
    case 3:
      return category.startsWith('p');
    default:
      return status === 'open' || place === c % 10;
  }
}

/** The data that consumer `c` must be shown of event `n` of dataset `i`; undefined when it must not see it. */
export function shownTo(c: number, i: number, n: number): Record<string, unknown> | undefined {
  const report = reportOf(i, n);
  if (!isGiven(c, report)) return undefined;
  const { key, district, category, status, openedAt, phone, latitude, longitude, units } = report;
  return {
    key,
    district,
    category,
    status,
    openedAt: openedAt.slice(0, c % 2 === 0 ? 7 : 10),
    name: null,
    phone: `${phone.slice(0, 3)}***${phone.slice(-2)}`,
    ...(c % 4 === 1 || c % 4 === 3 ? { latitude, longitude } : {}),
    ...(c % 4 >= 2 ? { units } : {}),
  };
}
