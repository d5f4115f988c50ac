import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@govbus/platform';
import { AppConfig } from './app.config';

const lines = readFileSync(join(__dirname, '../.env.example'), 'utf8').split('\n');
const example = Object.fromEntries(
  lines.flatMap((line) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? '']];
  }),
);
const required = {
  PORT: '7005',
  PUBLIC_URL: 'http://127.0.0.1:7005',
  DATABASE_URL: 'postgres://127.0.0.1/audit',
  KAFKA_BROKERS: '127.0.0.1:9092',
  OIDC_ISSUER: 'http://127.0.0.1:7001/oidc',
  AUDIT_SIGNING_KEY_FILE: '/keys/log.pem',
  AUDIT_ORIGIN: 'audit.example.org/govbus',
  SUBJECT_KEY_FILE: '/keys/subject',
};

describe('.env.example', () => {
  it('names every setting, with the defaults of those that have one', () => {
    const defaults = loadConfig(AppConfig, required);
    expect(loadConfig(AppConfig, { ...example, ...required })).toEqual(defaults);
    expect(Object.keys(example).sort()).toEqual(Object.keys(defaults).sort());
  });

  it.each(Object.keys(required))('cannot do without %s', (name) => {
    expect(() => loadConfig(AppConfig, { ...example, ...required, [name]: '' })).toThrow(name);
  });

  it.each(['audit org', 'audit+org', 'a\nb'])('refuses the origin %j, which no checkpoint could name', (origin) => {
    expect(() => loadConfig(AppConfig, { ...example, ...required, AUDIT_ORIGIN: origin })).toThrow('AUDIT_ORIGIN');
  });
});
