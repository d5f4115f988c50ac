import { Unavailable } from '@govbus/contracts';
import { type AuthenticationProviderArgs, type KafkaConfig, KafkaJSNonRetriableError } from 'kafkajs';

/** How this process speaks to the brokers. */
export type KafkaSecurity = {
  /** TLS, with the authorities that Node trusts (`NODE_EXTRA_CA_CERTS` adds one). */
  tls: boolean;
  /** Whose access tokens are shown to the brokers (SASL/OAUTHBEARER), and where they come from; without it, none. */
  client?: { id: string; secret: string; tokenUrl: () => Promise<string> };
};

// One cluster for a process: whoever opens a client of it need not know how it is guarded.
let settings: Pick<KafkaConfig, 'ssl' | 'sasl'> = {};

/** Says how every client that is opened from now on speaks to the brokers; before that, in plain text. */
export function secureKafka({ tls, client }: KafkaSecurity): void {
  settings = {
    ...(tls && { ssl: true }),
    ...(client && { sasl: { mechanism: 'oauthbearer', authenticationProvider: showingTokens(client) } }),
  };
}

/** The part of a client's settings that `secureKafka` decides. */
export const securityOf = (): Pick<KafkaConfig, 'ssl' | 'sasl'> => settings;

/**
 * Shows a token on a connection (SASL/OAUTHBEARER, RFC 7628 §3.1).
 *
 * Errors: `KafkaJSNonRetriableError` with what the broker says of a token that it refuses. kafkajs' own takes the
 *   refusal for a success, because it comes as bytes (§3.2.2), and then every request fails for another reason.
 */
function showingTokens(client: NonNullable<KafkaSecurity['client']>) {
  const token = tokensOf(client);
  return ({ saslAuthenticate }: AuthenticationProviderArgs) => ({
    authenticate: async () => {
      const shown = sized(`n,,\u0001auth=Bearer ${(await token()).value}\u0001\u0001`);
      const answer = await saslAuthenticate({ request: { encode: () => shown }, response: asItIs });
      const refusal = answer?.subarray(4).toString();
      if (refusal) throw new KafkaJSNonRetriableError(`the brokers refuse the token of ${client.id}: ${refusal}`);
    },
  });
}
// As all bytes are sent and received here: behind their size.
function sized(text: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(Buffer.byteLength(text));
  return Buffer.concat([size, Buffer.from(text)]);
}
const asItIs = { decode: (bytes: Buffer) => bytes, parse: (bytes: Buffer) => bytes };

const renewBeforeMs = 60_000;

/**
 * Access tokens by client credentials; one is used for all connections until a minute before it ends.
 *
 * Errors: `Unavailable` `issuer.unavailable`, with nothing of the request.
 */
export function tokensOf({ id, secret, tokenUrl }: NonNullable<KafkaSecurity['client']>) {
  let known: { token: Promise<{ value: string }>; renewAt: number } | undefined;
  const ask = async (): Promise<{ value: string }> => {
    const credentials = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
    const answer = await fetch(await tokenUrl(), {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.timeout(5_000),
    });
    const { access_token: value, expires_in: seconds } = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok || typeof value !== 'string') throw new Error(`the issuer answers ${answer.status}`);
    if (known) known.renewAt = performance.now() + Math.max((Number(seconds) || 60) * 1000 - renewBeforeMs, 1_000);
    return { value };
  };
  return (): Promise<{ value: string }> => {
    if (known && performance.now() < known.renewAt) return known.token;
    const token = ask().catch((cause: unknown) => {
      known = undefined;
      throw new Unavailable('issuer.unavailable', 'the issuer gives no token for the brokers', { cause });
    });
    known = { token, renewAt: Infinity };
    return token;
  };
}
