// Applies deploy/topics.yaml: creates what is missing and sets what differs; deletes nothing. May run again. It ends with 1
// when a topic has fewer replicas than it should, which only an operator can change.
//   node tools/topics-apply.ts --brokers HOST:PORT[,...] --profile single-node|cluster
// Brokers that want TLS and a token: the settings of the services, KAFKA_TLS, KAFKA_CLIENT_ID, KAFKA_CLIENT_SECRET_FILE
// and OIDC_ISSUER.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyTopics, missingReplicas, type Profile, readTopics, secureKafka } from '@govbus/messaging';
import { endpointsOf } from '@govbus/platform/issuer';

const profiles: Profile[] = ['single-node', 'cluster'];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { brokers: { type: 'string' }, profile: { type: 'string' } } });
  if (!values.brokers) throw new Error('--brokers is missing: host:port, several with commas');
  const profile = profiles.find((name) => name === values.profile);
  if (!profile) throw new Error(`--profile must be one of ${profiles.join(', ')}`);
  const { KAFKA_TLS, KAFKA_CLIENT_ID: id, KAFKA_CLIENT_SECRET_FILE: file = '', OIDC_ISSUER = '' } = process.env;
  const tokenUrl = async (): Promise<string> => (await endpointsOf(OIDC_ISSUER)).tokenUrl;
  const client = id ? { id, secret: readFileSync(file, 'utf8').trim(), tokenUrl } : undefined;
  secureKafka({ tls: KAFKA_TLS === 'on', client });
  const topics = readTopics(readFileSync(join(import.meta.dirname, '../deploy/topics.yaml'), 'utf8'));
  const order = { brokers: values.brokers.split(','), topics, profile };
  const done = await applyTopics(order);
  const lacking = await missingReplicas(order);
  for (const line of done) console.log(line);
  for (const line of lacking) console.error(`govbus: ${line}`);
  if (lacking.length > 0) process.exitCode = 1;
  else if (done.length === 0) console.log(`all ${topics.length} topics are as deploy/topics.yaml says`);
}

main().catch((error: unknown) => {
  console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
