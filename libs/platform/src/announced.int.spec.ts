import { AgreementRecord, type AgreementRecordV1 } from '@govbus/contracts';
import { messagingMigrations } from '@govbus/messaging';
import { DataSource } from 'typeorm';
import { Announced } from './announced';
import { atEnd, newDatabase } from './notes-app.shared.spec';
import { KafkaUse } from './service-name';

const agreement = (agreementId: string) => ({ agreementId }) as AgreementRecordV1;

let db: DataSource;
beforeAll(async () => {
  const url = await newDatabase();
  db = await new DataSource({ type: 'postgres', url, migrations: messagingMigrations }).initialize();
  atEnd(() => db.destroy());
  await db.runMigrations();
});
const queue = (key: string) =>
  db.query(`INSERT INTO outbox (topic, key, value) VALUES ('catalog.registry', $1, '{}')`, [key]);

it('waits until the relay has sent the record, and for no other', async () => {
  const announced = new Announced(db, new KafkaUse(true));
  await queue('agreement:other');
  await announced.wait(AgreementRecord, agreement('a'));
  await queue('agreement:a');
  const waiting = announced.wait(AgreementRecord, agreement('a'), 60_000);
  await db.query(`DELETE FROM outbox WHERE key = 'agreement:a'`);
  await waiting;
});

it('says so when it is not sent in time', async () => {
  await queue('agreement:b');
  const waiting = new Announced(db, new KafkaUse(true)).wait(AgreementRecord, agreement('b'), 20);
  await expect(waiting).rejects.toMatchObject({ kind: 'unavailable', code: 'registry.unannounced' });
  await new Announced(db, new KafkaUse(false)).wait(AgreementRecord, agreement('b'), 20);
});
