import 'reflect-metadata';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedKafka, freePort, startKafka } from '@govbus/embedded';
import { eventually, TestIssuer } from '@govbus/testing';
// A department's client, which knows nothing of ours.
// eslint-disable-next-line no-restricted-imports
import { type Consumer, Kafka, type KafkaConfig, type KafkaMessage, logLevel, type Producer } from 'kafkajs';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';
import { ExchangeProcess } from './exchange-process.shared.spec';

jest.setTimeout(240_000);

const root = join(__dirname, '../../..');
const deploy = join(root, 'deploy/kafka');
const dir = mkdtempSync(join(tmpdir(), 'govbus-secured-'));
const inDir = (name: string): string => join(dir, name);
const certificate = inDir('certificate.pem');

let kafka: EmbeddedKafka;
let issuer: TestIssuer;
/** Where departments come: over TLS and with a token. */
let departments: string;
let exchange: Exchange;
let publisher: Caller;
let neighbour: Caller;
let reader: Caller;
const clients: (Producer | Consumer)[] = [];

beforeAll(async () => {
  issuer = await TestIssuer.start();
  departments = `127.0.0.1:${await freePort()}`;
  kafka = await startKafka(await securedKafka());
  writeFileSync(inDir('acls'), `#!/bin/sh\nexec java -cp '${root}/.govbus/kafka-4.1.1/*' ${aclCommand} "$@"\n`, {
    mode: 0o700,
  });
  exchange = await Exchange.start({ INBOX: 'on' }, { brokers: kafka.brokers, issuer });
  publisher = await exchange.system(provider, ['events:publish']);
  neighbour = await exchange.system(provider, ['events:publish']);
  reader = await exchange.system(consumer, ['events:read']);
  for (const { id } of [publisher, reader]) await acls('system', id);
}, 180_000);
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.disconnect().catch(() => undefined)));
});
afterAll(async () => {
  await exchange.stop();
  await kafka.stop();
  rmSync(dir, { recursive: true });
}, 60_000);

// The settings of deploy/kafka as they stand there; only addresses are of here, and one broker has no two replicas.
async function securedKafka() {
  const key = inDir('key.pem');
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=kafka'];
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
  writeFileSync(inDir('departments.pem'), readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'));
  const port = await freePort();
  const controller = await freePort();
  const here: [there: string, here: string][] = [
    ['SERVICES://:9092,', `SERVICES://127.0.0.1:${port},`],
    ['DEPARTMENTS://:9094,', `DEPARTMENTS://${departments},`],
    ['CONTROLLER://:9093', `CONTROLLER://127.0.0.1:${controller}`],
    ['SERVICES://kafka-1.internal:9092', `SERVICES://127.0.0.1:${port}`],
    ['DEPARTMENTS://kafka-1.example:9094', `DEPARTMENTS://${departments}`],
    ['/etc/kafka/departments.pem', inDir('departments.pem')],
    ['https://departments.example/oidc/jwks', `${issuer.url}/jwks`],
    ['https://departments.example/oidc', issuer.url],
    ['default.replication.factor=3', 'default.replication.factor=1'],
    ['min.insync.replicas=2', 'min.insync.replicas=1'],
  ];
  const properties = here.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`deploy/kafka/departments.properties has no ${from}`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(deploy, 'departments.properties'), 'utf8'),
  );
  const java = [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${issuer.url}/jwks`];
  return { member: { index: 0, nodes: [{ port, controller }] }, more: { properties, java } };
}

const aclCommand = 'org.apache.kafka.tools.AclCommand';
const acls = (...args: string[]) =>
  promisify(execFile)(join(deploy, 'acls.sh'), args, {
    env: { ...process.env, BROKER: kafka.brokers, KAFKA_ACLS: inDir('acls') },
  });

const tokenOf = (caller: Caller, more: object = {}): Promise<string> =>
  issuer.token({ ...caller, kind: 'system', roles: [] }, more);
/** A client of a department, which knows nothing of ours. */
function clientOf(token: () => Promise<string>, more: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    brokers: [departments],
    logLevel: logLevel.NOTHING,
    ssl: { ca: [readFileSync(certificate, 'utf8')] },
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) },
    retry: { retries: 1, initialRetryTime: 100 },
    ...more,
  });
}
async function producerOf(kafkaClient: Kafka): Promise<Producer> {
  const producer = kafkaClient.producer({ allowAutoTopicCreation: false });
  clients.push(producer);
  await producer.connect();
  return producer;
}
const write = (producer: Producer, topic: string, body: unknown): Promise<unknown> =>
  producer.send({
    topic,
    acks: -1,
    messages: [{ value: JSON.stringify(body), headers: { 'content-type': 'application/cloudevents+json' } }],
  });
/** What a system reads of a topic, from its beginning; grows as more comes. */
async function readBy(caller: Caller, topic: string, group: string): Promise<KafkaMessage[]> {
  const messages: KafkaMessage[] = [];
  const one = clientOf(() => tokenOf(caller)).consumer({ groupId: group, retry: { retries: 0 } });
  clients.push(one);
  await one.connect();
  await one.subscribe({ topic, fromBeginning: true });
  const crashed = new Promise<never>((_, reject) => one.on('consumer.crash', ({ payload }) => reject(payload.error)));
  const joined = new Promise((resolve) => one.on('consumer.group_join', resolve));
  await one.run({ eachMessage: ({ message }) => Promise.resolve(void messages.push(message)) });
  await Promise.race([joined, crashed]);
  return messages;
}
/** A dataset, and an agreement of the reader over it that is delivered by Kafka. */
async function agreedByKafka() {
  const { datasetId } = await exchange.dataset();
  const { terms, ...agreement } = await exchange.agreement(datasetId);
  await exchange.change({ ...agreement, terms: { ...terms, deliveryModes: ['kafka'] }, version: 2 });
  return { datasetId, agreementId: agreement.agreementId };
}
async function subscribe(at: Exchange | ExchangeProcess, agreementId: string) {
  const order = { agreementId, purpose: 'case-handling', mode: 'kafka', startFrom: 'beginning' };
  const { body } = await at.call('POST', '/v1/subscriptions', reader, order);
  return body as { subscriptionId: string; topic: string };
}
const inbox = ({ id }: Caller): string => `inbox.${id}`;
// As the brokers say it; how kafkajs wraps it depends on the request.
const denied = 'authorization failed';

describe('a system with its token', () => {
  it('writes to its inbox, and reads what was refused of it', async () => {
    const { datasetId } = await exchange.dataset();
    const producer = await producerOf(clientOf(() => tokenOf(publisher)));
    await eventually(() => write(producer, inbox(publisher), event(datasetId, '1')), 60_000);
    await exchange.ledgerAt(datasetId, 1);
    await write(producer, inbox(publisher), { ...event(datasetId, '2'), data: 1 });
    const rejected = await readBy(publisher, `${inbox(publisher)}.rejected`, `${publisher.id}.rejections`);
    await eventually(
      () => expect(rejected.map(({ headers }) => String(headers?.code))).toEqual(['event.invalid']),
      30_000,
    );
  });

  it.each(['the inbox of another', 'the bus', 'the audit log'])('does not write to %s', async (what) => {
    const topic = { 'the inbox of another': inbox(neighbour), 'the bus': 'bus.events' }[what] ?? 'audit.entries';
    const producer = await producerOf(clientOf(() => tokenOf(publisher)));
    await expect(write(producer, topic, {})).rejects.toThrow(denied);
  });

  it('reads the topic of its own subscription, once it was allowed, and no other', async () => {
    const { datasetId, agreementId } = await agreedByKafka();
    const { subscriptionId, topic } = await subscribe(exchange, agreementId);
    await exchange.publish(publisher, event(datasetId, '1'));
    const group = `${reader.id}.readers`;
    await expect(readBy(reader, topic, group)).rejects.toThrow(denied);

    await acls('subscription', subscriptionId, reader.id);
    const messages = await readBy(reader, topic, group);
    await eventually(() => expect(messages).toHaveLength(1), 30_000);
    await expect(readBy(publisher, topic, `${publisher.id}.readers`)).rejects.toThrow(denied);
    // So kafkajs wraps the denial of a group.
    await expect(readBy(reader, topic, `${publisher.id}.readers`)).rejects.toThrow('Failed to find group coordinator');

    await acls('subscription', subscriptionId, reader.id, '--remove');
    await expect(readBy(reader, topic, group)).rejects.toThrow(denied);
  });
});

describe('a client that shows no token of ours', () => {
  const ended = () => ({ iat: Math.floor(Date.now() / 1000) - 900, exp: Math.floor(Date.now() / 1000) - 300 });
  it.each<[string, () => Promise<string>]>([
    ['one that has ended', () => tokenOf(publisher, ended())],
    ['one for others', () => tokenOf(publisher, { aud: 'others' })],
    [
      'one of another issuer',
      async () => {
        const forger = await TestIssuer.start();
        await forger.stop();
        return forger.token({ ...publisher, kind: 'system', roles: [] }, { iss: issuer.url });
      },
    ],
    ['one without any scope', () => tokenOf({ ...publisher, scopes: [] })],
    ['no token', () => Promise.resolve('none')],
  ])('is not let in: %s', async (_, token) => {
    // kafkajs overhears the refusal itself, but is not served.
    const producer = await producerOf(clientOf(token));
    await expect(write(producer, inbox(publisher), [])).rejects.toThrow(/SASL|Closed connection/);
  });

  it('is not let in without TLS', async () => {
    const plain = new Kafka({ brokers: [departments], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    await expect(producerOf(plain)).rejects.toThrow();
  });

  it('is no longer let write when its token has ended', async () => {
    const exp = Math.floor(Date.now() / 1000) + 8;
    const short = await tokenOf(publisher, { exp });
    // It does not show it again on the same connection: that the broker ends.
    const producer = await producerOf(clientOf(() => Promise.resolve(short), { reauthenticationThreshold: 0 }));
    await write(producer, inbox(publisher), []);
    await eventually(() => expect(Date.now()).toBeGreaterThan(exp * 1000), 30_000);
    await eventually(() => expect(write(producer, inbox(publisher), [])).rejects.toThrow(), 60_000);
  });
});

// Last: from here on the exchange runs as a process that shows tokens.
describe('an exchange that shows a token', () => {
  let settings: Record<string, string>;
  beforeAll(async () => {
    await acls('service', 'exchange');
    const KAFKA_CLIENT_SECRET_FILE = inDir('exchange-secret');
    writeFileSync(
      KAFKA_CLIENT_SECRET_FILE,
      issuer.client({ id: 'exchange', department: provider, scopes: ['events:publish'], kind: 'system', roles: [] }),
      { mode: 0o600 },
    );
    const client = { KAFKA_CLIENT_ID: 'exchange', KAFKA_CLIENT_SECRET_FILE, NODE_EXTRA_CA_CERTS: certificate };
    settings = { KAFKA_BROKERS: departments, KAFKA_TLS: 'on', ...client };
  });

  it('does all of its work under the rules of its own', async () => {
    const { datasetId, agreementId } = await agreedByKafka();
    const newcomer = await exchange.system(provider, ['events:publish']);
    await acls('system', newcomer.id);
    await exchange.app.close();
    const process = await ExchangeProcess.start(exchange, 'ingest,ledger,delivery', [], { ...settings, INBOX: 'on' });
    try {
      const { subscriptionId, topic } = await subscribe(process, agreementId);
      await acls('subscription', subscriptionId, reader.id);
      const sent = await process.call(
        'POST',
        '/v1/events',
        publisher,
        event(datasetId, '1'),
        'application/cloudevents+json',
      );
      expect(sent.status).toBe(202);
      const producer = await producerOf(clientOf(() => tokenOf(newcomer)));
      await eventually(() => write(producer, inbox(newcomer), event(datasetId, '2')), 60_000);
      const messages = await readBy(reader, topic, `${reader.id}.late`);
      await eventually(() => expect(messages).toHaveLength(2), 60_000);
    } finally {
      await process.end('SIGTERM');
    }
  });

  it('has its ledger rebuilt under the same rules', async () => {
    const flags = ['-r', '@swc-node/register', '--conditions=@govbus/source', join(__dirname, 'rebuild.ts'), '--wipe'];
    const env = { PATH: process.env.PATH, TS_NODE_PROJECT: join(root, 'tsconfig.base.json') };
    const own = Object.entries({ ...exchange.config, LOG_LEVEL: 'warn', ...settings });
    const { stderr } = await promisify(execFile)(process.execPath, flags, {
      cwd: root,
      env: { ...env, ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])) },
      // Refused, it would try for ever.
      timeout: 90_000,
    });
    expect(stderr).toContain('positions are dense, and all counts agree');
  });
});
