import 'reflect-metadata';
import { AuditEntry, creditCodeCheck } from '@govbus/contracts';
import { dispatcher, inspector, parks, police, policeOfficer, reader, Service } from '../harness/service.spec';
import { Unit } from '../units/unit.entity';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
}, 60_000);
afterAll(() => service.stop());

const unitOf = (unitId: string, departmentCode = police) => ({ unitId, departmentCode, names: { en: unitId } });
const line = (unitId: string, more: object = {}) => ({
  category: 'Noise',
  gridId: 'town',
  unitId,
  limitWorkingDays: 3,
  ...more,
});
const put = (entries: object[], headers = {}) => service.call('PUT', '/v1/directory', dispatcher, { entries }, headers);

describe('units', () => {
  it('are created once, with their audit entry', async () => {
    const created = await service.call('POST', '/v1/units', dispatcher, unitOf('patrol-one'));
    expect(created).toMatchObject({ status: 201, body: { ...unitOf('patrol-one'), version: 1 } });
    const again = await service.call('POST', '/v1/units', dispatcher, unitOf('patrol-one', parks));
    expect(again).toMatchObject({ status: 409, body: { code: 'unit.duplicate' } });
    expect(await service.db.manager.findOneBy(Unit, { unitId: 'patrol-one' })).toMatchObject({
      departmentCode: police,
    });
    const entries = await service.sent(AuditEntry, (data) => data.entity === 'unit:patrol-one');
    expect(entries).toMatchObject([{ operation: 'units:create', outcome: 'done', actor: { id: dispatcher.id } }]);
  });

  it('are refused for a department that the registry has not told of', async () => {
    const stranger = `11330100000000009${creditCodeCheck('11330100000000009')}`;
    const refused = await service.call('POST', '/v1/units', dispatcher, unitOf('of-nobody', stranger));
    expect(refused).toMatchObject({ status: 400, body: { code: 'department.unknown' } });
    expect(await service.db.manager.findOneBy(Unit, { unitId: 'of-nobody' })).toBeNull();
  });

  it('are listed in pages', async () => {
    for (const unitId of ['page-a', 'page-b', 'page-c'])
      await service.call('POST', '/v1/units', dispatcher, unitOf(unitId));
    const ids: unknown[] = [];
    let cursor: unknown;
    do {
      const query = cursor === undefined ? '' : `&cursor=${String(cursor)}`;
      const { status, body } = await service.call('GET', `/v1/units?limit=2${query}`, policeOfficer);
      expect(status).toBe(200);
      ids.push(...(body.items as { unitId: string }[]).map((unit) => unit.unitId));
      cursor = body.nextCursor;
    } while (cursor);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are refused when malformed, and to whoever lacks the scope', async () => {
    const wrong = await service.call('POST', '/v1/units', dispatcher, unitOf('X', '123'));
    expect(wrong).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(wrong.body.faults).toHaveLength(2);
    for (const [who, status] of [
      [undefined, 401],
      [reader, 403],
      [policeOfficer, 403],
    ] as const)
      expect((await service.call('POST', '/v1/units', who, unitOf('not-allowed'))).status).toBe(status);
    expect(await service.db.manager.findOneBy(Unit, { unitId: 'not-allowed' })).toBeNull();
  });
});

describe('directory', () => {
  it('is replaced as a whole and read back as it was put', async () => {
    const [first, second] = [await service.unit(police), await service.unit(parks)];
    await put([line(first)]);
    const entries = [line(second, { category: '*' }), line(first, { cellIds: ['north', 'south'] })];
    const replaced = await put(entries);
    expect(replaced).toMatchObject({ status: 200, body: { entries } });
    const { body, headers } = await service.call('GET', '/v1/directory', inspector);
    expect(body).toEqual(replaced.body);
    expect(headers.etag).toBe(`"${String(body.version)}"`);
    const audited = await service.sent(AuditEntry, (data) => data.entity === `directory:${String(body.version)}`);
    expect(audited).toMatchObject([{ operation: 'directory:replace', records: 2 }]);
  });

  it('may be emptied', async () => {
    expect(await put([])).toMatchObject({ status: 200, body: { entries: [] } });
  });

  it('keeps the old one when the new one names an unknown unit or contradicts itself', async () => {
    const unitId = await service.unit(police);
    const { body: before } = await put([line(unitId)]);
    const unknown = await put([line(unitId), line('nobody', { category: '*' })]);
    expect(unknown).toMatchObject({ status: 400, body: { code: 'directory.invalid' } });
    expect(unknown.body.faults).toMatchObject([{ pointer: '/entries/1/unitId', code: 'unit.unknown' }]);
    const twice = await put([line(unitId), line(unitId)]);
    expect(twice.body.faults).toMatchObject([{ pointer: '/entries/1', code: 'directory.ambiguous' }]);
    expect((await service.call('GET', '/v1/directory', dispatcher)).body).toEqual(before);
  });

  it('is not replaced by whoever saw an older one', async () => {
    const unitId = await service.unit(police);
    const { headers } = await put([line(unitId)]);
    await put([]);
    const stale = await put([line(unitId)], { 'if-match': String(headers.etag) });
    expect(stale).toMatchObject({ status: 412, body: { code: 'entity.stale' } });
  });

  it('refuses wrong limits, categories and cells', async () => {
    const unitId = await service.unit(police);
    for (const more of [
      { limitWorkingDays: 0 },
      { category: '' },
      { cellIds: [] },
      { category: 'a\u0000b' },
      { extra: 1 },
    ])
      expect(await put([line(unitId, more)])).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});
