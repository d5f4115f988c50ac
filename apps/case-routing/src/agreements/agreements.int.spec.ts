import 'reflect-metadata';
import { AgreementRecord, DatasetRecord } from '@govbus/contracts';
import { Dataset } from '../datasets/dataset.entity';
import { DatasetConsumer } from '../datasets/dataset.consumer';
import { envelope, parks, Service } from '../harness/service.spec';
import { AgreementConsumer } from './agreement.consumer';
import { Agreement } from './agreement.entity';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
}, 60_000);
afterAll(() => service.stop());

describe('copies of the catalog', () => {
  it('keep the newest agreement, whatever the order', async () => {
    const record = await service.agreement('cases-of-none', { version: 3, status: 'suspended' });
    const { agreementId } = record;
    const older = envelope(AgreementRecord, { ...record, version: 2, status: 'in-force' });
    await service.app.get(AgreementConsumer).apply(older);
    expect(await service.db.manager.findOneBy(Agreement, { agreementId })).toMatchObject({
      version: 3,
      status: 'suspended',
    });
    const newer = envelope(AgreementRecord, { ...record, version: 4, status: 'revoked' });
    await service.app.get(AgreementConsumer).apply(newer);
    await service.app.get(AgreementConsumer).apply(newer);
    expect(await service.db.manager.findOneBy(Agreement, { agreementId })).toMatchObject({
      version: 4,
      status: 'revoked',
    });
  });

  it('lose the case mapping when the dataset loses it', async () => {
    const datasetId = await service.dataset('town');
    expect(await service.db.manager.findOneBy(Dataset, { datasetId })).toMatchObject({
      caseMapping: { gridId: 'town' },
    });
    const plain = {
      datasetId,
      names: { en: 'Cases' },
      responsibleDepartment: parks,
      publishers: [],
      sharingAttribute: 'conditional' as const,
      legalBasis: 'article 1',
      keyPointer: '/id',
      fields: [],
      schemas: [],
      status: 'active' as const,
      version: 2,
    };
    await service.app.get(DatasetConsumer).apply(envelope(DatasetRecord, plain));
    expect(await service.db.manager.findOneBy(Dataset, { datasetId })).toMatchObject({ caseMapping: null, version: 2 });
  });

  it('refuse a message that breaks its contract', async () => {
    const broken = {
      ...envelope(AgreementRecord, await service.agreement('cases-of-none')),
      data: { agreementId: 'x' },
    };
    await expect(service.app.get(AgreementConsumer).apply(broken)).rejects.toMatchObject({ code: 'message.invalid' });
  });
});
