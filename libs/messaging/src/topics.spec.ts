import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contracts, Invalid } from '@govbus/contracts';
import { readTopics } from './topics';

const yaml = (topics: string, profiles = 'single-node: { replicas: 1 }, cluster: { replicas: 3 }'): string =>
  `profiles: { ${profiles} }\ntopics: ${topics}\n`;

describe('readTopics', () => {
  it('reads the list of the deployment, which has the topic of every contract', () => {
    const topics = readTopics(readFileSync(join(__dirname, '../../../deploy/topics.yaml'), 'utf8'));
    const names = topics.map(({ topic }) => topic);
    for (const { topic } of contracts) expect(names).toContain(topic);
    for (const { topic, config } of topics)
      expect(config['cleanup.policy']).toBe(topic.endsWith('.registry') ? 'compact' : 'delete');
    expect(topics.find(({ topic }) => topic === 'bus.events')?.profiles['single-node'].config).toMatchObject({
      'flush.messages': '1',
    });
  });

  it('reads the very topics that acls.sh gives to who applies them', () => {
    const env = { ...process.env, BROKER: 'none', KAFKA_ACLS: 'echo' };
    const rules = execFileSync(join(__dirname, '../../../deploy/kafka/acls.sh'), ['topics', 'client'], { env });
    const given = [...String(rules).matchAll(/--topic (\S+)/g)].map(([, topic]) => topic);
    const topics = readTopics(readFileSync(join(__dirname, '../../../deploy/topics.yaml'), 'utf8'));
    expect(given).toEqual(topics.map(({ topic }) => topic));
  });

  it.each([
    ['no mapping', '[]', 'must be a mapping'],
    ['no partitions', '{ a: {} }', 'a: partitions'],
    ['half a partition', '{ a: { partitions: 1.5 } }', 'a: partitions'],
    ['a misspelt setting', '{ a: { partitons: 1 } }', '`partitons` is not known'],
  ])('refuses %s, saying where', (_, topics, where) => {
    expect(() => readTopics(yaml(topics))).toThrow(Invalid);
    expect(() => readTopics(yaml(topics))).toThrow(where);
  });

  it('refuses profiles without replicas', () => {
    expect(() => readTopics(yaml('{ a: { partitions: 1 } }', 'single-node: {}, cluster: { replicas: 3 }'))).toThrow(
      'single-node: replicas',
    );
  });
});
