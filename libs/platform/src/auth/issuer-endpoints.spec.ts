import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointsFor, endpointsOf } from './issuer-endpoints';

let server: Server;
let issuer: string;
let answer: { status: number; body: string };
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    const { status, body } = url === '/realm/.well-known/openid-configuration' ? answer : { status: 404, body: '' };
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

describe('the endpoints of an issuer', () => {
  const named = { jwks_uri: 'https://keys.test/certs', token_endpoint: 'https://tokens.test/ask' };
  const endpoints = { keysUrl: named.jwks_uri, tokenUrl: named.token_endpoint };
  const metadata = (more: object): void => {
    answer = { status: 200, body: JSON.stringify({ issuer, ...named, ...more }) };
  };

  it('are those that its metadata names, with or without a slash at the end of its name', async () => {
    metadata({});
    expect(await endpointsOf(issuer)).toEqual(endpoints);
    metadata({ issuer: `${issuer}/` });
    expect(await endpointsOf(`${issuer}/`)).toEqual(endpoints);
  });

  it('are the usual ones of an issuer without metadata', async () => {
    answer = { status: 404, body: '{}' };
    expect(await endpointsOf(issuer)).toEqual({ keysUrl: `${issuer}/jwks`, tokenUrl: `${issuer}/token` });
  });

  it.each<[string, () => unknown]>([
    ['of another issuer', () => metadata({ issuer: 'https://elsewhere.test' })],
    ['without endpoints', () => metadata({ jwks_uri: undefined })],
    ['that is not JSON', () => (answer = { status: 200, body: '<html>' })],
    ['that fails', () => (answer = { status: 500, body: '' })],
  ])('are not taken from metadata %s', async (_, set) => {
    set();
    await expect(endpointsOf(issuer)).rejects.toThrow();
  });
});

describe('the endpoints that a service asks', () => {
  const own = { PUBLIC_URL: 'https://departments.test', OIDC_ISSUER: 'https://departments.test/oidc' };

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:7001'],
    ['::', 'http://[::1]:7001'],
    ['10.0.0.7', 'http://10.0.0.7:7001'],
  ])('are its own listener for the issuer itself, on %s', async (HOST, base) => {
    expect(await endpointsFor({ HOST, PORT: 7001, ...own })).toEqual({
      keysUrl: `${base}/oidc/jwks`,
      tokenUrl: `${base}/oidc/token`,
    });
  });

  it('are those of the issuer for any other', async () => {
    answer = { status: 404, body: '' };
    const settings = { HOST: '0.0.0.0', PORT: 7003, PUBLIC_URL: 'https://exchange.test', OIDC_ISSUER: issuer };
    expect(await endpointsFor(settings)).toEqual({ keysUrl: `${issuer}/jwks`, tokenUrl: `${issuer}/token` });
  });
});
