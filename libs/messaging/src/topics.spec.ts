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
