import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDepartmentCode } from '@govbus/contracts';
import { loadConfig } from '@govbus/platform';
import { getMetadataStorage } from 'class-validator';
import { AppConfig } from './app.config';

const lines = readFileSync(join(__dirname, '../.env.example'), 'utf8').split('\n');
const example = Object.fromEntries(
  lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
);
const blanks = {
  DATABASE_URL: 'postgres://localhost/x',
  KAFKA_BROKERS: 'localhost:9092',
  ISSUER_KEYS_FILE: '/keys',
  BOOTSTRAP_ADMIN_SECRET_FILE: '/secret',
};

describe('AppConfig', () => {
  it('is documented by .env.example, setting by setting', () => {
    const rules = getMetadataStorage().getTargetValidationMetadatas(AppConfig, '', false, false);
    const settings = new Set(rules.map((rule) => rule.propertyName));
    expect(Object.keys(example).sort()).toEqual([...settings].sort());
  });

  it('has a valid department of its own, the one that the example shows', () => {
    const { BOOTSTRAP_DEPARTMENT_CODE: _, ...others } = example;
    const config = loadConfig(AppConfig, { ...others, ...blanks });
    expect(isDepartmentCode(config.BOOTSTRAP_DEPARTMENT_CODE)).toBe(true);
    expect(config.BOOTSTRAP_DEPARTMENT_CODE).toBe(example.BOOTSTRAP_DEPARTMENT_CODE);
  });

  it('names missing files and a wrong department, without a value', () => {
    const wrong = { ...example, DATABASE_URL: 'postgres://x', BOOTSTRAP_DEPARTMENT_CODE: '1100000000000GBUX0' };
    const load = () => loadConfig(AppConfig, wrong);
    expect(load).toThrow(/ISSUER_KEYS_FILE[^]*BOOTSTRAP_ADMIN_SECRET_FILE[^]*BOOTSTRAP_DEPARTMENT_CODE/);
    expect(load).not.toThrow(/1100000000000GBUX0/);
  });
});
