import 'reflect-metadata';
import { answersTo, badRequests, refusalOf } from '@govbus/testing';
import { TestAudit } from './test-audit.shared.spec';

let audit: TestAudit;
beforeAll(async () => (audit = await TestAudit.start()), 60_000);
afterAll(() => audit.stop());

const surface = {
  token: (more?: object) => audit.token(more),
  write: { method: 'POST' as const, url: '/v1/entries/search' },
  lists: ['/v1/entries', '/v1/unreadable-entries'],
  byUuid: ['/v1/entries'],
  byKey: ['/tile/entries', '/v1/parked-messages'],
};

describe('audit', () => {
  const requests = badRequests(surface);
  const answerTo = answersTo(requests, (request) => audit.app.inject(request));
  it.each(requests)('refuses $name', async (bad) => expect(await answerTo(bad)).toEqual(refusalOf(bad)));

  it.each([
    'actor=%00',
    'entity=%00',
    `entity=${'x'.repeat(121)}`,
    'caseReference=-1',
    'caseReference=a%20b',
    'datasetId=A',
    'agreementId=1',
    'subscriptionId=1',
    'subjectKey=short',
    'action=look',
    'outcome=well',
    'from=now',
    'to=2026-13-40',
  ])('refuses the filter %s', async (query) => {
    const response = await audit.call('GET', `/v1/entries?${query}`);
    expect(response.json()).toMatchObject({ status: 400, code: 'request.invalid' });
  });
});
