import { randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';

type Reply = { status: number; body?: object; headers?: Record<string, string> };
type Held = {
  subscriptionId: string;
  agreementId: string;
  owner: string;
  purpose: string;
  mode: string;
  filters: object[];
  areaCode?: string;
  caseReference?: string;
  status: string;
  acked: number;
};

/** In a ledger of the double: that a record was removed. */
export class Removed {
  constructor(readonly key: object) {}
}

/**
 * The exchange and the issuer of tokens as their documented interfaces say, behind a real port: what case-routing meets
 * of services that are not its own.
 */
export class ExchangeDouble {
  readonly subscriptions: Held[] = [];
  /** Records of each agreement's dataset, by position from 1. */
  readonly ledgers = new Map<string, { datasetId: string; records: unknown[] }>();
  readonly assertions: jwt.JwtPayload[] = [];
  readonly acks: { subscriptionId: string; position: number }[] = [];
  /** What is answered instead, while it is set. */
  outage: Reply | undefined;
  /** Called before an acknowledgement is answered. */
  onAck: (subscriptionId: string, position: number) => Promise<void> = () => Promise.resolve();
  publicKey: KeyObject | undefined;
  private readonly tokens = new Set<string>();
  private epoch = 1;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ExchangeDouble> {
    const server = createServer();
    const double = new ExchangeDouble(server);
    server.on('request', (request, response) => {
      void double.answer(request).then(({ status, body, headers }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body && JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Every token given so far counts no longer. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  /** Every cursor given so far counts no longer, and nothing is acknowledged. */
  forgetCursors(): void {
    this.epoch++;
    for (const held of this.subscriptions) held.acked = 0;
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    if (pathname === '/oidc/.well-known/openid-configuration') return { status: 200, body: this.metadata() };
    if (pathname === '/oidc/grants') return this.token(new URLSearchParams(text));
    if (!pathname.startsWith('/v1/subscriptions')) return { status: 404, body: { code: 'route.unknown' } };
    if (this.outage) return this.outage;
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.tokens.has(token)) return { status: 401, body: { code: 'token.invalid' } };
    const [, , , id, action] = pathname.split('/');
    if (id === undefined) return request.method === 'POST' ? this.subscribe(JSON.parse(text)) : this.list(searchParams);
    const held = this.subscriptions.find(({ subscriptionId }) => subscriptionId === id);
    if (!held) return { status: 404, body: { code: 'subscription.unknown' } };
    if (action === 'events') return this.page(held, searchParams);
    if (action === 'ack') return this.ack(held, JSON.parse(text).cursor);
    if (action === 'seek' && JSON.parse(text).to === 'beginning')
      return { status: 200, body: Object.assign(held, { acked: 0 }) };
    return { status: 404, body: { code: 'route.unknown' } };
  }

  // Not below the issuer as ours are: where it gives tokens is its own affair.
  private metadata(): object {
    return { issuer: `${this.url}/oidc`, jwks_uri: `${this.url}/oidc/jwks`, token_endpoint: `${this.url}/oidc/grants` };
  }

  private token(form: URLSearchParams): Reply {
    const denied = { status: 401, body: { error: 'invalid_client' } };
    try {
      const options = { algorithms: ['ES256' as const], audience: `${this.url}/oidc`, complete: true as const };
      const { payload } = jwt.verify(form.get('client_assertion') ?? '', this.publicKey ?? '', options);
      const claims = payload as jwt.JwtPayload;
      const isFresh = this.assertions.every(({ jti }) => jti !== claims.jti) && claims.jti;
      if (!isFresh || claims.iss !== claims.sub || form.get('client_id') !== claims.sub) return denied;
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, body: { error: 'unsupported_grant_type' } };
      this.assertions.push(claims);
    } catch {
      return denied;
    }
    const token = `token-${randomUUID()}`;
    this.tokens.add(token);
    return {
      status: 200,
      body: { access_token: token, token_type: 'bearer', expires_in: 600, scope: form.get('scope') },
    };
  }

  private list(query: URLSearchParams): Reply {
    // Pages of one, so that whoever looks has to turn them.
    const from = Number(query.get('cursor') ?? 0);
    const nextCursor = from + 1 < this.subscriptions.length ? String(from + 1) : undefined;
    return { status: 200, body: { items: this.subscriptions.slice(from, from + 1), nextCursor } };
  }

  private subscribe({ agreementId, purpose, mode, startFrom }: Record<string, string>): Reply {
    if (!agreementId || !this.ledgers.has(agreementId) || purpose !== 'case-handling' || startFrom !== 'beginning')
      return { status: 403, body: { code: 'decision.denied' } };
    const known = { agreementId, owner: 'case-routing', purpose, mode: mode ?? '', filters: [] };
    const held = { subscriptionId: randomUUID(), ...known, status: 'active', acked: 0 };
    this.subscriptions.push(held);
    return { status: 201, body: held };
  }

  private page(held: Held, query: URLSearchParams): Reply {
    const after = query.has('cursor') ? this.read(held, query.get('cursor')) : held.acked;
    if (after === undefined) return { status: 400, body: { code: 'cursor.invalid' } };
    const limit = Number(query.get('limit') ?? 100);
    const { datasetId, records } = this.ledgers.get(held.agreementId) ?? { datasetId: '', records: [] };
    const events = records.slice(after, after + limit).map((data, i) => ({
      specversion: '1.0',
      id: String(after + i + 1),
      source: `/datasets/${datasetId}`,
      type: data instanceof Removed ? 'exchange.record-removed.v1' : 'exchange.record-shared.v1',
      time: '2026-03-02T01:00:00Z',
      datacontenttype: 'application/json',
      sequence: String(after + i + 1),
      data: data instanceof Removed ? data.key : data,
    }));
    const through = after + events.length;
    const nextCursor = `${this.epoch}.${held.subscriptionId}.${through}`;
    return { status: 200, body: { events, nextCursor, hasMore: through < records.length } };
  }

  private async ack(held: Held, cursor: string): Promise<Reply> {
    const position = this.read(held, cursor);
    if (position === undefined) return { status: 400, body: { code: 'cursor.invalid' } };
    await this.onAck(held.subscriptionId, position);
    held.acked = Math.max(held.acked, position);
    this.acks.push({ subscriptionId: held.subscriptionId, position });
    return { status: 200, body: held };
  }

  private read({ subscriptionId }: Held, cursor: string | null): number | undefined {
    const [epoch, of, position] = cursor?.split('.') ?? [];
    return epoch === String(this.epoch) && of === subscriptionId ? Number(position) : undefined;
  }
}
