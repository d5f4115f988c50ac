import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsString } from 'class-validator';
import { ConfigError, loadConfig, readKeyFile, readSecretFile, ServiceConfig } from './config';

class SpecConfig extends ServiceConfig {
  @IsString() SECRET_FILE: string;
}
const good = {
  PORT: '7001',
  PUBLIC_URL: 'http://127.0.0.1:7001',
  DATABASE_URL: 'postgres://app@127.0.0.1/notes',
  KAFKA_BROKERS: '127.0.0.1:9092,127.0.0.2:9092',
  OIDC_ISSUER: 'http://127.0.0.1:7000/oidc',
  SECRET_FILE: '/run/secret',
};
function faultsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(SpecConfig, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('loadConfig', () => {
  it('reads what the class declares, with its types and defaults, and nothing else', () => {
    const config = loadConfig(SpecConfig, { ...good, AWS_SECRET: 'planted', HOST: '' });
    expect({ ...config }).toEqual({
      ...good,
      PORT: 7001,
      HOST: '127.0.0.1',
      KAFKA_TLS: 'off',
      KAFKA_CLIENT_ID: '',
      KAFKA_CLIENT_SECRET_FILE: '',
      AUDIENCE: 'govbus',
      LOG_LEVEL: 'info',
      METRICS_FROM: '127.0.0.0/8,::1/128',
      SHUTDOWN_SECONDS: 12,
      DATABASE_POOL: 20,
    });
    expect(config.brokers).toEqual(['127.0.0.1:9092', '127.0.0.2:9092']);
  });

  it('tells every fault at once, by name and reason, without values', () => {
    const wrong = {
      PORT: 'planted',
      PUBLIC_URL: 'planted',
      DATABASE_URL: 'mysql://planted:planted@planted',
      KAFKA_BROKERS: 'planted',
      LOG_LEVEL: 'planted',
      DATABASE_POOL: '1',
    };
    const faults = faultsOf(wrong);
    for (const name of [...Object.keys(wrong), 'OIDC_ISSUER', 'SECRET_FILE'])
      expect(faults.filter((fault) => fault.includes(name))).not.toEqual([]);
    expect(faults.join()).not.toContain('planted');
    expect(new ConfigError(faults).message).not.toContain('planted');
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '::1/129', '10.0.0.0/8,', 'example.org/8', '10.0.0.0/8/8', '/8', '10.0.0.0/-1'])(
    'refuses `%s` as ranges of addresses',
    (ranges) => expect(faultsOf({ ...good, METRICS_FROM: ranges })).toEqual([expect.stringContaining('METRICS_FROM')]),
  );

  it('takes ranges of both kinds of addresses', () => {
    expect(faultsOf({ ...good, METRICS_FROM: '0.0.0.0/0,fd00::/8,192.0.2.7/32' })).toEqual([]);
  });

  it.each(Object.keys(good))('misses %s when it is absent or empty', (name) => {
    for (const value of [undefined, '']) expect(faultsOf({ ...good, [name]: value }).join()).toContain(name);
  });
});

describe('files with secrets', () => {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const fileOf = (content: string): string => {
    const path = join(dir, 'secret');
    writeFileSync(path, content);
    return path;
  };

  it('gives the content without its line break', () => {
    expect(readSecretFile('SECRET_FILE', fileOf('planted\n'))).toBe('planted');
  });

  it.each([
    ['an empty file', () => fileOf(' \n'), 'SECRET_FILE names an empty file'],
    ['no file', () => join(dir, 'missing'), 'SECRET_FILE names a file that cannot be read'],
    ['a directory', () => dir, 'SECRET_FILE names a file that cannot be read'],
  ])('refuses %s', (_, path, reason) => expect(() => readSecretFile('SECRET_FILE', path())).toThrow(reason));

  it('gives a key of 32 bytes, and no other', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
    expect(readKeyFile('KEY_FILE', fileOf(`${bytes.toString('base64')}\n`))).toEqual(bytes);
    for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes])])
      expect(() => readKeyFile('KEY_FILE', fileOf(wrong.toString('base64')))).toThrow(
        expect.objectContaining({ faults: ['KEY_FILE must hold 32 bytes in base64'] }) as Error,
      );
  });
});
