import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Unavailable } from '@govbus/contracts';
import type { AuthenticationProviderArgs, Mechanism, SaslAuthenticateArgs } from 'kafkajs';
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
  const tokenUrl = () => Promise.resolve(`http://127.0.0.1:${port}/token`);
  return { id: 'exchange', secret: 'planted:secret', tokenUrl };
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

  // What a broker answers, as bytes behind their size.
  const answering = (text: string) => {
    const shown: string[] = [];
    const saslAuthenticate = async ({ request, response }: SaslAuthenticateArgs<unknown>) => {
      shown.push((await request.encode()).toString('latin1'));
      return response?.parse(await response.decode(Buffer.from(`\0\0\0${String.fromCharCode(text.length)}${text}`)));
    };
    return { shown, show: { host: 'h', port: 1, saslAuthenticate } as unknown as AuthenticationProviderArgs };
  };
  const authenticate = (show: AuthenticationProviderArgs): Promise<void> => {
    secureKafka({ tls: true, client: client() });
    return (securityOf().sasl as Mechanism).authenticationProvider(show).authenticate();
  };

  it('shows the token as RFC 7628 has it', async () => {
    const { shown, show } = answering('');
    await authenticate(show);
    expect(shown).toEqual(['\0\0\0\x19n,,\x01auth=Bearer token-1\x01\x01']);
  });

  it('says what the brokers say when they refuse it', async () => {
    const { show } = answering('{"status":"invalid_token"}');
    const refusal = 'the brokers refuse the token of exchange: {"status":"invalid_token"}';
    await expect(authenticate(show)).rejects.toThrow(refusal);
  });
});
