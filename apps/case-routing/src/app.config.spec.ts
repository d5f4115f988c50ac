import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { loadConfig } from '@govbus/platform';
import { AppConfig } from './app.config';

const lines = readFileSync(join(__dirname, '../.env.example'), 'utf8').split('\n');
const example = Object.fromEntries(
  lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
);
const secrets = {
  DATABASE_URL: 'postgres://localhost/x',
  KAFKA_BROKERS: 'localhost:9092',
  CASE_ROUTING_KEY_FILE: '/key',
};

describe('AppConfig', () => {
  it('is documented by .env.example, setting by setting', () => {
    const rules = getMetadataStorage().getTargetValidationMetadatas(AppConfig, '', false, false);
    const settings = new Set(rules.map((rule) => rule.propertyName));
    expect(Object.keys(example).sort()).toEqual([...settings].sort());
  });

  it('takes the example with its blanks filled in', () => {
    const config = loadConfig(AppConfig, { ...example, ...secrets });
    expect(config).toMatchObject({ EXCHANGE_URL: 'http://127.0.0.1:7003', CASE_ROUTING_PURPOSE: 'case-handling' });
    expect(config.CASE_ROUTING_DEPARTMENT).toBeUndefined();
  });

  it('names a missing key file and a wrong department', () => {
    const wrong = { ...example, ...secrets, CASE_ROUTING_KEY_FILE: '', CASE_ROUTING_DEPARTMENT: '123' };
    expect(() => loadConfig(AppConfig, wrong)).toThrow(/CASE_ROUTING_KEY_FILE[^]*CASE_ROUTING_DEPARTMENT/);
  });
});
