import { randomBytes } from 'node:crypto';
import { isSlug, type PrincipalKind } from '@govbus/contracts';
import { Injectable } from '@nestjs/common';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import { DataSource } from 'typeorm';
import type { PublicJwk } from '../credentials/credential.rules';

/** What a client carries besides the metadata of OAuth; read back by `identityOf`. */
export type ClientIdentity = { kind: PrincipalKind; department: string; roles: string[]; hashes: string[] };
/** Names of the client metadata that hold the `ClientIdentity`. */
export const identityMetadata = ['kind', 'department', 'roles', 'hashes'] satisfies (keyof ClientIdentity)[];

type Row = Omit<ClientIdentity, 'department'> & { department_code: string; scopes: string[]; keys: PublicJwk[] };

// The provider wants a secret for the methods that use one and never sees ours: `compareClientSecret` is our own and
// compares hashes. This one belongs to nobody.
const noSecret = randomBytes(32).toString('base64url');

/** The clients of the issuer: active principals of active departments, with the credentials they have now. */
@Injectable()
export class OidcClients implements Adapter {
  constructor(private readonly db: DataSource) {}

  /**
   * The client as `oidc-provider` wants it; undefined, and so `invalid_client`, for whoever is unknown or suspended.
   *
   * A client of the provider has one method; a principal may have both, at least while it moves from one to the other.
   * The request tells which it uses: only secrets come in the `Authorization` header.
   */
  async find(id: string): Promise<AdapterPayload | undefined> {
    if (!isSlug(id)) return undefined;
    const [row] = await this.db.query<Row[]>(
      `SELECT p.kind, p.department_code, p.roles, p.scopes,
              coalesce(jsonb_agg(c.secret_hash) FILTER (WHERE c.method = 'secret'), '[]') AS hashes,
              coalesce(jsonb_agg(k) FILTER (WHERE c.method = 'private-key-jwt'), '[]') AS keys
         FROM principals p
         JOIN departments d USING (department_code)
         LEFT JOIN credentials c USING (principal_id)
         LEFT JOIN LATERAL jsonb_array_elements(c.jwks -> 'keys') k ON true
        WHERE p.principal_id = $1 AND p.status = 'active' AND d.status = 'active'
        GROUP BY p.principal_id`,
      [id],
    );
    if (!row) return undefined;
    const { kind, department_code: department, roles, hashes, keys, scopes } = row;
    const bySecret = Provider.ctx?.headers.authorization !== undefined;
    if ((bySecret ? hashes : keys).length === 0) return undefined;
    const identity: ClientIdentity = { kind, department, roles, hashes: bySecret ? hashes : [] };
    return {
      ...identity,
      client_id: id,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: scopes.join(' ') || undefined,
      ...(bySecret
        ? { token_endpoint_auth_method: 'client_secret_basic', client_secret: noSecret }
        : { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } }),
    };
  }

  // Clients are principals: they are made and changed by this service's own routes alone.
  upsert(): Promise<void> {
    return Promise.reject(new Error('clients are not stored by the issuer'));
  }
  destroy(): Promise<void> {
    return this.upsert();
  }
  consume(): Promise<void> {
    return this.upsert();
  }
  revokeByGrantId(): Promise<void> {
    return this.upsert();
  }
  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
