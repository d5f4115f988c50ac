import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contract, contracts, type DeliveredEvent, type Fault, Invalid, parseData, parseMessage } from './index';

type Json = { [key: string]: unknown };

const delivered = ['exchange.record-shared.v1', 'exchange.record-removed.v1'];
const folder = join(__dirname, '../samples');
const sampleOf = (type: string): Json => JSON.parse(readFileSync(join(folder, `${type}.json`), 'utf8')) as Json;
// The union of all contracts, seen as one of any data.
const all: Contract<object>[] = contracts.map((contract) => contract as Contract<object>);
const dataOf = (contract: Contract<object>): Json => sampleOf(contract.type).data as Json;

const optionalByType: Record<string, string[]> = {
  'catalog.dataset.v1': ['dataSubjectPointer', 'caseMapping'],
  'case-routing.case-opened.v1': [],
  'exchange.over-scope-detected.v1': ['limit'],
  'case-routing.case-moved.v1': ['previousStatus', 'cellId', 'unitId', 'dueAt'],
  'audit.entry-recorded.v1': [
    ...['datasetId', 'agreementId', 'agreementVersion', 'subscriptionId', 'purpose', 'legalBasis', 'entity'],
    ...['positions', 'records', 'fields', 'subjectKeys', 'digest', 'traceId'],
  ],
};

function faultsOf(contract: Contract<object>, data: unknown): Fault[] {
  try {
    parseData(contract.data, data);
    return [];
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return error.details.faults ?? [];
  }
}

describe('golden samples', () => {
  it('there is one for each contract and for each delivered event, and no other', () => {
    const expected = [...all.map(({ type }) => type), ...delivered].map((type) => `${type}.json`);
    expect(readdirSync(folder).sort()).toEqual(expected.sort());
  });

  it.each(all.map((contract) => [contract.type, contract] as const))('%s still validates, unchanged', (_, contract) => {
    const sample = sampleOf(contract.type);
    const parsed = parseMessage(contract, sample);
    expect(parsed.data).toBeInstanceOf(contract.data);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(sample);
  });

  it.each(all.map((contract) => [contract.type, contract] as const))(
    '%s drops what it does not know',
    (_, contract) => {
      const data = { ...dataOf(contract), brandNew: 'planted' };
      expect(JSON.stringify(parseData(contract.data, data))).not.toContain('planted');
    },
  );

  const required = all.flatMap((contract) =>
    Object.keys(dataOf(contract))
      .filter((field) => !optionalByType[contract.type]?.includes(field))
      .map((field) => [contract.type, field, contract] as const),
  );
  it.each(required)('%s without %s is refused with its pointer', (_, field, contract) => {
    const { [field]: _left, ...rest } = dataOf(contract);
    expect(faultsOf(contract, rest)).toContainEqual(
      expect.objectContaining({ pointer: expect.stringContaining(`/${field}`) as string }),
    );
    expect(faultsOf(contract, { ...rest, [field]: null })).not.toEqual([]);
  });

  const optional = all.flatMap((contract) =>
    (optionalByType[contract.type] ?? []).map((field) => [contract.type, field, contract] as const),
  );
  it.each(optional)('%s may leave out %s', (_, field, contract) => {
    const { [field]: _left, ...rest } = dataOf(contract);
    expect(faultsOf(contract, rest)).toEqual([]);
  });

  it.each(delivered)('%s has these fields and no other', (type) => {
    const fields: Record<keyof DeliveredEvent, unknown> = {
      specversion: '1.0',
      id: expect.stringMatching(/^[1-9]\d*$/),
      source: expect.stringMatching(/^\/datasets\/[a-z0-9-]+$/),
      type,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      datacontenttype: 'application/json',
      sequence: expect.stringMatching(/^\d{16}$/),
      data: expect.anything(),
    };
    expect(sampleOf(type)).toEqual(fields);
  });
});

describe('nested parts', () => {
  const dataset = () => all.find(({ type }) => type === 'catalog.dataset.v1') as Contract<object>;
  const agreement = () => all.find(({ type }) => type === 'catalog.agreement.v1') as Contract<object>;
  const audit = () => all.find(({ type }) => type === 'audit.entry-recorded.v1') as Contract<object>;

  it.each([
    ['null in a list', dataset, { fields: [null] }, '/fields'],
    ['a text in a list', dataset, { fields: ['planted'] }, '/fields'],
    ['a list in a list', dataset, { schemas: [[]] }, '/schemas'],
    ['a list instead of terms', agreement, { terms: [] }, '/terms'],
    ['a list instead of an actor', audit, { actor: [] }, '/actor'],
    ['a wrong part', agreement, { terms: { purposes: [] } }, '/terms/purposes'],
  ])('refuses %s', (_, contract, change, pointer) => {
    const faults = faultsOf(contract(), { ...dataOf(contract()), ...change });
    expect(faults.map((fault) => fault.pointer)).toContain(pointer);
    expect(JSON.stringify(faults)).not.toContain('planted');
  });
});

describe('parseMessage', () => {
  const contract = all[0] as Contract<object>;

  it.each([
    ['null', null],
    ['a text', 'planted'],
    ['a list', [sampleOf(contract.type)]],
    ['another type', { ...sampleOf(contract.type), type: 'other.v1' }],
    ['another version of CloudEvents', { ...sampleOf(contract.type), specversion: '0.3' }],
    ['an envelope without id', { ...sampleOf(contract.type), id: undefined }],
    ['an empty id', { ...sampleOf(contract.type), id: '' }],
    ['no data', { ...sampleOf(contract.type), data: undefined }],
    ['a list as data', { ...sampleOf(contract.type), data: [] }],
  ])('refuses %s', (_, message) => {
    expect(() => parseMessage(contract, message)).toThrow(
      expect.objectContaining({ code: 'message.invalid' }) as Error,
    );
  });
});
