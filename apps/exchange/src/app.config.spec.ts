import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@govbus/platform';
import { AppConfig } from './app.config';

const example = readFileSync(join(__dirname, '../.env.example'), 'utf8');
const settings = Object.fromEntries(
  example.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? '']];
  }),
);
const required = {
  PORT: '7003',
  PUBLIC_URL: 'http://127.0.0.1:7003',
  DATABASE_URL: 'postgres://127.0.0.1/exchange',
  KAFKA_BROKERS: '127.0.0.1:9092',
  OIDC_ISSUER: 'http://127.0.0.1:7001/oidc',
  SUBJECT_KEY_FILE: '/keys/subject',
  PSEUDONYM_KEY_FILE: '/keys/pseudonym',
};

describe('.env.example', () => {
  it('names every setting, with the defaults of those that have one', () => {
    const defaults = loadConfig(AppConfig, required);
    const filled = loadConfig(AppConfig, { ...settings, ...required });
    expect(filled).toEqual(defaults);
    const own = Object.keys(defaults).filter((name) => /^[A-Z_]+$/.test(name) && name !== 'SERVICE_NAME');
    expect(Object.keys(settings).sort()).toEqual(own.sort());
  });

  it.each(Object.keys(required))('cannot do without %s', (name) => {
    expect(() => loadConfig(AppConfig, { ...settings, ...required, [name]: '' })).toThrow(name);
  });
});

describe('EXCHANGE_ROLES', () => {
  it.each([
    ['', ['ingest', 'ledger', 'delivery']],
    ['delivery', ['delivery']],
    ['ledger,ingest,ledger', ['ingest', 'ledger']],
  ])('reads `%s` as %j', (setting, roles) => {
    expect(loadConfig(AppConfig, { ...required, EXCHANGE_ROLES: setting }).roles).toEqual(roles);
  });

  it.each(['planted', 'ingest,planted', 'ingest;ledger', ',', 'ingest,', 'ingest, ledger', 'Ingest'])(
    'refuses `%s` by its name',
    (setting) => {
      const load = (): AppConfig => loadConfig(AppConfig, { ...required, EXCHANGE_ROLES: setting });
      expect(load).toThrow('EXCHANGE_ROLES must be of ingest, ledger, delivery, with commas between');
      expect(load).not.toThrow('planted');
    },
  );
});
