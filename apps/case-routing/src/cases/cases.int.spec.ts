import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { AuditEntry, CaseMoved } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import {
  centre,
  dispatcher,
  inspector,
  parkOfficer,
  parks,
  police,
  policeOfficer,
  Service,
  type Who,
} from '../harness/service.spec';
import { CaseRecord } from './case.entity';
import { Cases } from './cases.service';
import { Router } from './router.service';

let service: Service;
let gridId: string;
let policeUnit: string;
let parkUnit: string;

beforeAll(async () => {
  service = await Service.start();
  gridId = `grid-${randomUUID().slice(0, 8)}`;
  await service.cell(gridId, 'north', 0, 0);
  policeUnit = await service.unit(police);
  parkUnit = await service.unit(parks);
  const entries = [{ category: 'Noise', gridId, unitId: policeUnit, limitWorkingDays: 3 }];
  expect((await service.call('PUT', '/v1/directory', dispatcher, { entries })).status).toBe(200);
  // Grid and directory are in memory, and follow their notifications.
  await eventually(async () => {
    const ways = await service.app.get(Router).ways([gridId]);
    expect(ways.locate(gridId, { latitude: 0.5, longitude: 0.5 })).toBe('north');
    expect(ways.assign('Noise', gridId, 'north')?.unitId).toBe(policeUnit);
  });
}, 60_000);
afterAll(() => service.stop());

/** Opens a case as the intake does; by default it is dispatched to the police. */
async function aCase(
  category = 'Noise',
  place: object = { latitude: 0.5, longitude: 0.5 },
  datasetId = 'reports',
  position = next(),
) {
  const ways = await service.app.get(Router).ways([gridId]);
  const report = { category, recordKey: `key-${position}`, summary: 'loud music', ...place };
  const reported = [{ datasetId, position, gridId, report }];
  await service.db.transaction((tx) => service.app.get(Cases).open(reported, ways, tx));
  return service.db.manager.findOneByOrFail(CaseRecord, { datasetId, position });
}
let positions = 0;
const next = () => ++positions;
const move = (caseId: string, who: Who, to: string, note?: string, headers = {}) =>
  service.call('POST', `/v1/cases/${caseId}/move`, who, { to, ...(note && { note }) }, headers);
const dispatch = (caseId: string, unitId: string, who = dispatcher) =>
  service.call('POST', `/v1/cases/${caseId}/dispatch`, who, { unitId });
const show = async (caseId: string, who = dispatcher) => (await service.call('GET', `/v1/cases/${caseId}`, who)).body;

describe('moving', () => {
  it('brings a case through its stages, each with step, message and audit entry', async () => {
    const { caseId } = await aCase();
    for (const [who, to] of [
      [policeOfficer, 'handling'],
      [policeOfficer, 'feedback-given'],
      [inspector, 'inspecting'],
      [inspector, 'closed'],
      [inspector, 'evaluated'],
    ] as const)
      expect(await move(caseId, who, to)).toMatchObject({ status: 200, body: { caseId, status: to } });
    const { steps, version } = (await show(caseId)) as {
      steps: { status: string; actorId: string }[];
      version: number;
    };
    expect(steps.map(({ status, actorId }) => [status, actorId])).toEqual([
      ['reported', 'case-routing'],
      ['located', 'case-routing'],
      ['dispatched', 'case-routing'],
      ['handling', 'paul'],
      ['feedback-given', 'paul'],
      ['inspecting', 'ines'],
      ['closed', 'ines'],
      ['evaluated', 'ines'],
    ]);
    expect(version).toBe(8);
    const moved = await service.sent(CaseMoved, (data) => data.caseId === caseId);
    expect(moved.map((data) => [data.previousStatus, data.status, data.version])).toEqual([
      ['dispatched', 'handling', 4],
      ['handling', 'feedback-given', 5],
      ['feedback-given', 'inspecting', 6],
      ['inspecting', 'closed', 7],
      ['closed', 'evaluated', 8],
    ]);
    expect(JSON.stringify(moved)).not.toContain('loud music');
    const entries = await service.sent(AuditEntry, (data) => data.entity === `case:${caseId}`);
    expect(entries.map(({ action, operation, actor }) => [action, operation, actor.id])).toEqual([
      ['case', 'cases:handling', 'paul'],
      ['case', 'cases:feedback-given', 'paul'],
      ['case', 'cases:inspecting', 'ines'],
      ['case', 'cases:closed', 'ines'],
      ['case', 'cases:evaluated', 'ines'],
    ]);
  });

  it('is denied to whoever may see the case and not take the step, and the denial is recorded', async () => {
    const datasetId = `denied-${randomUUID().slice(0, 8)}`;
    const { caseId } = await aCase('Noise', undefined, datasetId);
    for (const to of ['handling', 'feedback-given']) await move(caseId, policeOfficer, to);
    expect(await move(caseId, policeOfficer, 'inspecting')).toMatchObject({
      status: 403,
      body: { code: 'decision.denied', explanation: { code: 'role.missing' } },
    });
    const clerk: Who = { ...dispatcher, id: 'clara', roles: ['auditor'] };
    expect(await move((await aCase('Noise', undefined, datasetId)).caseId, clerk, 'handling')).toMatchObject({
      status: 403,
      body: { code: 'decision.denied', explanation: { code: 'case.other-unit' } },
    });
    const denied = await service.sent(AuditEntry, (data) => data.datasetId === datasetId && data.action === 'refuse');
    expect(denied.map(({ actor, outcome, operation }) => [actor.id, outcome, operation])).toEqual([
      ['paul', 'denied', 'POST /v1/cases/:caseId/move'],
      ['clara', 'denied', 'POST /v1/cases/:caseId/move'],
    ]);
  });

  it('changes nothing when the move is not legal', async () => {
    const { caseId } = await aCase();
    expect(await move(caseId, dispatcher, 'closed')).toMatchObject({
      status: 409,
      body: { code: 'case.illegal-move' },
    });
    expect(await move(caseId, policeOfficer, 'elsewhere')).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    });
    expect(await show(caseId)).toMatchObject({ status: 'dispatched', version: 3 });
    expect(await service.sent(CaseMoved, (data) => data.caseId === caseId)).toEqual([]);
  });

  it('lets one of two who move at once win', async () => {
    const { caseId } = await aCase();
    const answers = await Promise.all([1, 2, 3].map(() => move(caseId, policeOfficer, 'handling')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect(await service.sent(CaseMoved, (data) => data.caseId === caseId)).toHaveLength(1);
  });

  it('refuses whoever saw an older version', async () => {
    const { caseId } = await aCase();
    expect((await move(caseId, policeOfficer, 'handling', undefined, { 'if-match': '"2"' })).status).toBe(412);
    const moved = await move(caseId, policeOfficer, 'handling', undefined, { 'if-match': '"3"' });
    expect(moved).toMatchObject({ status: 200, headers: { etag: '"4"' } });
  });

  it('never lets the handler inspect the case', async () => {
    const { caseId } = await aCase();
    for (const to of ['handling', 'feedback-given']) await move(caseId, dispatcher, to);
    expect(await move(caseId, dispatcher, 'inspecting')).toMatchObject({
      status: 403,
      body: { code: 'case.own-inspection' },
    });
    expect((await move(caseId, inspector, 'inspecting')).status).toBe(200);
  });

  it('never lets one of several handlers inspect the case', async () => {
    const { caseId } = await aCase();
    await move(caseId, dispatcher, 'handling');
    await move(caseId, policeOfficer, 'feedback-given');
    expect(await move(caseId, dispatcher, 'inspecting')).toMatchObject({
      status: 403,
      body: { code: 'case.own-inspection' },
    });
    expect((await move(caseId, inspector, 'inspecting')).status).toBe(200);
    // Rework is ordered by the inspector, who may inspect again.
    for (const [who, to] of [
      [inspector, 'handling'],
      [policeOfficer, 'feedback-given'],
      [inspector, 'inspecting'],
    ] as const)
      expect((await move(caseId, who, to)).status).toBe(200);
    expect((await move(caseId, dispatcher, 'closed')).body.code).toBe('case.own-inspection');
  });

  it('lets a unit ask for return once, also when it is refused', async () => {
    const { caseId } = await aCase();
    await move(caseId, policeOfficer, 'return-review', 'a matter of the parks');
    expect((await move(caseId, dispatcher, 'handling', 'it is yours')).status).toBe(200);
    expect(await move(caseId, policeOfficer, 'return-review', 'it is not')).toMatchObject({
      status: 409,
      body: { code: 'case.designated' },
    });
  });

  it('gives a returned case to a designated unit that cannot return it again', async () => {
    const { caseId, dueAt, dispatchedAt } = await aCase();
    expect((await move(caseId, policeOfficer, 'return-review')).body.code).toBe('case.reason-missing');
    expect((await move(caseId, policeOfficer, 'return-review', 'a matter of the parks')).status).toBe(200);
    expect((await move(caseId, dispatcher, 'located')).body).not.toHaveProperty('unitId');
    expect(await dispatch(caseId, parkUnit)).toMatchObject({
      status: 200,
      body: { status: 'dispatched', unitId: parkUnit },
    });
    const again = await move(caseId, parkOfficer, 'return-review', 'not ours either');
    expect(again).toMatchObject({ status: 409, body: { code: 'case.designated' } });
    const stored = await service.db.manager.findOneByOrFail(CaseRecord, { caseId });
    expect(stored).toMatchObject({ returns: 1, dispatchedAt });
    expect(stored.dueAt?.getTime()).toBeGreaterThanOrEqual(dueAt?.getTime() ?? Infinity);
  });
});

describe('dispatching by the directory', () => {
  it('takes the line of the category and the cell before any other, and gives its limit in working days', async () => {
    const ownGrid = `grid-${randomUUID().slice(0, 8)}`;
    await service.cell(ownGrid, 'north', 0, 0);
    await service.cell(ownGrid, 'south', 0, -5);
    const units: string[] = [];
    for (let i = 0; i < 4; i++) units.push(await service.unit(police));
    const before = await service.call('GET', '/v1/directory', dispatcher);
    const lines = [
      { category: 'Noise', gridId: ownGrid, cellIds: ['north'], unitId: units[0], limitWorkingDays: 1 },
      { category: 'Noise', gridId: ownGrid, unitId: units[1], limitWorkingDays: 2 },
      { category: '*', gridId: ownGrid, cellIds: ['north'], unitId: units[2], limitWorkingDays: 4 },
      { category: '*', gridId: ownGrid, unitId: units[3], limitWorkingDays: 8 },
    ];
    const entries = [...(before.body.entries as object[]), ...lines];
    expect((await service.call('PUT', '/v1/directory', dispatcher, { entries })).status).toBe(200);
    const router = service.app.get(Router);
    await eventually(async () => {
      const ways = await router.ways([ownGrid]);
      expect(ways.locate(ownGrid, { latitude: -4.5, longitude: 0.5 })).toBe('south');
      expect(ways.assign('Noise', ownGrid, 'north')?.unitId).toBe(units[0]);
    });
    const ways = await router.ways([ownGrid]);
    const [north, south] = [
      { latitude: 0.5, longitude: 0.5 },
      { latitude: -4.5, longitude: 0.5 },
    ];
    const datasetId = `routed-${randomUUID().slice(0, 8)}`;
    const reported = [
      { category: 'Noise', ...north },
      { category: 'Noise', ...south },
      { category: 'Rats', ...north },
      { category: 'Rats', ...south },
    ].map((report, i) => ({ datasetId, position: i + 1, gridId: ownGrid, report }));
    await service.db.transaction((tx) => service.app.get(Cases).open(reported, ways, tx));
    const cases = await service.db.manager.find(CaseRecord, { where: { datasetId }, order: { position: 'ASC' } });
    expect(cases.map(({ unitId }) => unitId)).toEqual(units);
    expect(cases.map(({ dueAt }) => dueAt)).toEqual(
      cases.map(({ dispatchedAt }, i) => dispatchedAt && ways.dueAfter(dispatchedAt, lines[i]?.limitWorkingDays ?? 0)),
    );
  });
});

describe('dispatching by hand', () => {
  it('gives an unlocated case to a unit with the default limit', async () => {
    const { caseId } = await aCase('Noise elsewhere', {});
    const dispatched = await dispatch(caseId, parkUnit);
    expect(dispatched).toMatchObject({ status: 200, body: { status: 'dispatched', unitId: parkUnit } });
    expect(dispatched.body.dueAt).toEqual(expect.any(String));
    expect(dispatched.body).not.toHaveProperty('cellId');
  });

  it('refuses an unknown unit, a case already dispatched, and officers of units', async () => {
    const { caseId } = await aCase('Rats');
    expect(await dispatch(caseId, 'nobody')).toMatchObject({ status: 400, body: { code: 'unit.unknown' } });
    expect((await dispatch(caseId, policeUnit, policeOfficer)).status).toBe(403);
    expect((await dispatch(caseId, policeUnit)).status).toBe(200);
    expect(await dispatch(caseId, parkUnit)).toMatchObject({ status: 409, body: { code: 'case.illegal-move' } });
  });
});

describe('who sees what', () => {
  it('hides the cases of other departments from the officers of a unit', async () => {
    const { caseId } = await aCase();
    expect((await service.call('GET', `/v1/cases/${caseId}`, policeOfficer)).status).toBe(200);
    const hidden = await service.call('GET', `/v1/cases/${caseId}`, parkOfficer);
    const unknown = await service.call('GET', `/v1/cases/${randomUUID()}`, parkOfficer);
    expect(hidden).toMatchObject({ status: 404, body: { code: 'case.unknown' } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'case.unknown' } });
    expect(await move(caseId, parkOfficer, 'handling')).toMatchObject({ status: 404, body: { code: 'case.unknown' } });
    const { body } = await service.call('GET', '/v1/cases?limit=500', parkOfficer);
    expect((body.items as { unitId: string }[]).every(({ unitId }) => unitId === parkUnit)).toBe(true);
  });

  it('asks for a token and a scope', async () => {
    expect((await service.call('GET', '/v1/cases')).status).toBe(401);
    const outsider: Who = { ...dispatcher, id: 'otto', department: centre, scopes: ['events:read'] };
    expect((await service.call('GET', '/v1/cases', outsider)).status).toBe(403);
  });
});

describe('listing', () => {
  it('filters by status, unit, cell, dataset and place', async () => {
    const datasetId = `list-${randomUUID().slice(0, 8)}`;
    const ids = [
      (await aCase('Noise', undefined, datasetId)).caseId,
      (await aCase('Rats', undefined, datasetId)).caseId,
      (await aCase('Noise', { latitude: 40, longitude: 40 }, datasetId)).caseId,
    ];
    const found = async (filter: string) => {
      const { body } = await service.call('GET', `/v1/cases?datasetId=${datasetId}${filter}`, dispatcher);
      return (body.items as { caseId: string }[]).map(({ caseId }) => ids.indexOf(caseId)).sort();
    };
    expect(await found('')).toEqual([0, 1, 2]);
    expect(await found('&status=located')).toEqual([1]);
    expect(await found(`&unitId=${policeUnit}`)).toEqual([0]);
    expect(await found('&cellId=north')).toEqual([0, 1]);
    expect(await found('&located=false')).toEqual([2]);
    expect(await found('&located=true')).toEqual([0, 1]);
    expect((await service.call('GET', '/v1/cases?located=maybe', dispatcher)).status).toBe(400);
  });

  it('shows an officer the cases of all units of the department, narrowed and in pages as to others', async () => {
    const datasetId = `units-${randomUUID().slice(0, 8)}`;
    const otherUnit = await service.unit(police);
    const opened: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { caseId } = await aCase('Rats', undefined, datasetId);
      await dispatch(caseId, i % 2 === 0 ? policeUnit : otherUnit);
      opened.unshift(caseId);
    }
    await dispatch((await aCase('Rats', undefined, datasetId)).caseId, parkUnit);
    await aCase('Rats', undefined, datasetId);
    const idsOf = ({ items }: Record<string, unknown>) => (items as { caseId: string }[]).map(({ caseId }) => caseId);
    const list = async (query: string) =>
      (await service.call('GET', `/v1/cases?datasetId=${datasetId}${query}`, policeOfficer)).body;
    expect(idsOf(await list(''))).toEqual(opened);
    const first = await list('&limit=3');
    expect(idsOf(first)).toEqual(opened.slice(0, 3));
    expect(idsOf(await list(`&limit=3&cursor=${String(first.nextCursor)}`))).toEqual(opened.slice(3));
    expect(idsOf(await list(`&unitId=${otherUnit}`))).toEqual([opened[1], opened[3]]);
    expect(idsOf(await list(`&unitId=${parkUnit}`))).toEqual([]);
    expect(idsOf(await list('&status=handling'))).toEqual([]);
    expect(idsOf(await list('&status=dispatched&cellId=north&located=true'))).toEqual(opened);
  });

  it('turns pages without a gap or a double, newest first', async () => {
    const datasetId = `page-${randomUUID().slice(0, 8)}`;
    const opened: string[] = [];
    for (let i = 0; i < 7; i++) opened.push((await aCase('Noise', undefined, datasetId)).caseId);
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const query = cursor === undefined ? '' : `&cursor=${String(cursor)}`;
      const { body } = await service.call('GET', `/v1/cases?datasetId=${datasetId}&limit=3${query}`, dispatcher);
      seen.push(...(body.items as { caseId: string }[]).map(({ caseId }) => caseId));
      cursor = body.nextCursor;
    } while (cursor);
    expect([...seen].sort()).toEqual([...opened].sort());
    for (const key of [
      ['never', randomUUID()],
      ['1', randomUUID()],
      [5, randomUUID()],
      ['2026-03-02', randomUUID()],
      ['0000-01-01T00:00:00.000Z', randomUUID()],
      ['2026-03-02T25:00:00.000Z', randomUUID()],
      ['2026-02-30T00:00:00.000Z', randomUUID()],
      ['2026-03-02T01:00:00.000Z', 'nobody'],
    ]) {
      const cursor = Buffer.from(JSON.stringify(key)).toString('base64url');
      const refused = await service.call('GET', `/v1/cases?cursor=${cursor}`, dispatcher);
      expect({ key, ...refused }).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    }
  });

  it('shows the unlocated ones by their status', async () => {
    const datasetId = `unplaced-${randomUUID().slice(0, 8)}`;
    const unplaced = await aCase('Noise', {}, datasetId);
    const outside = await aCase('Noise', { latitude: 40, longitude: 40 }, datasetId);
    await aCase('Noise', undefined, datasetId);
    const { body } = await service.call('GET', `/v1/cases?status=reported&datasetId=${datasetId}`, dispatcher);
    const items = body.items as { caseId: string; cellId?: string }[];
    expect(items.map(({ caseId }) => caseId).sort()).toEqual([unplaced.caseId, outside.caseId].sort());
    expect(items.map(({ cellId }) => cellId)).toEqual([undefined, undefined]);
  });
});

describe('counting', () => {
  const counts = async (query: string, who = dispatcher) =>
    (await service.call('GET', `/v1/cases/counts${query}`, who)).body;

  it('tells how many there are by status, cell and unit, of one dataset', async () => {
    const datasetId = `count-${randomUUID().slice(0, 8)}`;
    const reported = Array.from({ length: 2_400 }, (_, i) => {
      const place = i % 3 === 0 ? {} : { latitude: 0.5, longitude: 0.5 };
      const category = i % 2 === 0 ? 'Noise' : 'Rats';
      return { datasetId, position: i + 1, gridId, report: { category, ...place } };
    });
    const ways = await service.app.get(Router).ways([gridId]);
    await service.db.transaction((tx) => service.app.get(Cases).open(reported, ways, tx));
    expect(await counts(`?datasetId=${datasetId}`)).toEqual({
      total: 2_400,
      byStatus: { reported: 800, located: 800, dispatched: 800 },
      byCell: { north: 1_600 },
      byUnit: { [policeUnit]: 800 },
    });
    expect((await counts('')).total).toBeGreaterThan(2_400);
  });

  it('counts what the caller may see, and nothing where there is nothing', async () => {
    const datasetId = `count-${randomUUID().slice(0, 8)}`;
    const { caseId } = await aCase('Noise', undefined, datasetId);
    await aCase('Rats', undefined, datasetId);
    await move(caseId, policeOfficer, 'handling');
    const own = { total: 1, byStatus: { handling: 1 }, byCell: { north: 1 }, byUnit: { [policeUnit]: 1 } };
    const none = { total: 0, byStatus: {}, byCell: {}, byUnit: {} };
    expect(await counts(`?datasetId=${datasetId}`, policeOfficer)).toEqual(own);
    expect(await counts(`?datasetId=${datasetId}`, parkOfficer)).toEqual(none);
    expect(await counts(`?datasetId=${datasetId}`)).toMatchObject({ total: 2, byStatus: { handling: 1, located: 1 } });
    expect(await counts('?datasetId=nothing-here')).toEqual(none);
    expect((await service.call('GET', '/v1/cases/counts?datasetId=A', dispatcher)).status).toBe(400);
    expect((await service.call('GET', '/v1/cases/counts')).status).toBe(401);
  });
});
