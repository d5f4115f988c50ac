import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Unavailable } from '@govbus/contracts';
import { secureKafka, securityOf, tokensOf } from './security';

let issuer: Server;
let asked: string[];
let answer: { status: number; body: string };
beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: JSON.stringify({ access_token: 'token-1', expires_in: 600 }) };
  issuer = createServer((request, response) => {
    asked.push(String(request.headers.authorization));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((listening) => issuer.listen(0, '127.0.0.1', listening));
});
afterEach(() => {
  secureKafka({ tls: false });
  issuer.close();
});
const client = () => {
  const { port } = issuer.address() as AddressInfo;
  return { id: 'exchange', secret: 'planted:secret', tokenUrl: `http://127.0.0.1:${port}/token` };
};

describe('the token for the brokers', () => {
  it('is asked for once for all connections', async () => {
    const token = tokensOf(client());
    expect(await Promise.all([token(), token()])).toEqual([{ value: 'token-1' }, { value: 'token-1' }]);
    expect(await token()).toEqual({ value: 'token-1' });
    expect(asked).toEqual([`Basic ${Buffer.from('exchange:planted%3Asecret').toString('base64')}`]);
  });

  it.each([
    [401, '{"error":"invalid_client"}'],
    [200, '{"planted":true}'],
    [200, 'planted'],
  ])('is asked for again after %s `%s`, of which nothing is told', async (status, body) => {
    const token = tokensOf(client());
    const good = answer;
    answer = { status, body };
    const failed = await token().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Unavailable);
    expect(failed).toMatchObject({ code: 'issuer.unavailable' });
    expect(String(failed)).not.toContain('planted');
    answer = good;
    expect(await token()).toEqual({ value: 'token-1' });
  });
});

describe('secureKafka', () => {
  it('decides for every client, and for none unless it is called', () => {
    expect(securityOf()).toEqual({});
    secureKafka({ tls: true, client: client() });
    expect(securityOf()).toMatchObject({ ssl: true, sasl: { mechanism: 'oauthbearer' } });
    secureKafka({ tls: false });
    expect(securityOf()).toEqual({});
  });
});
