import { randomBytes, randomUUID } from 'node:crypto';
import { Conflict, Invalid, NotFound, type PrincipalKind } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource, type EntityManager, Not } from 'typeorm';
import { bootstrap } from '../bootstrap/bootstrap-id';
import { PrincipalsService } from '../principals/principals.service';
import { Credential } from './credential.entity';
import { hashOfSecret, maxCredentials, readPublicJwks } from './credential.rules';
import type { CredentialOrder } from './credentials.dto';

/** A new credential; `clientSecret` is told once and kept nowhere. */
export type NewCredential = { credential: Credential; clientSecret?: string };

@Injectable()
export class CredentialsService {
  constructor(
    private readonly db: DataSource,
    private readonly principals: PrincipalsService,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  create(kind: PrincipalKind, principalId: string, order: CredentialOrder, caller: Caller): Promise<NewCredential> {
    return this.db.transaction(async (tx) => {
      await this.principals.lock(kind, principalId, tx);
      if ((await tx.countBy(Credential, { principalId })) >= maxCredentials)
        throw new Conflict('credential.too-many', `\`${principalId}\` has ${maxCredentials} credentials already`);
      const { clientSecret, ...proof } = this.proofOf(order);
      const credential = await this.insert(principalId, proof, caller.id, tx);
      await this.record(kind, credential, 'create', caller, tx);
      return { credential, ...(clientSecret !== undefined && { clientSecret }) };
    });
  }

  async list(kind: PrincipalKind, principalId: string): Promise<Credential[]> {
    await this.principals.show(kind, principalId);
    return this.db.manager.find(Credential, {
      where: { principalId },
      order: { createdAt: 'ASC', credentialId: 'ASC' },
    });
  }

  remove(kind: PrincipalKind, principalId: string, credentialId: string, caller: Caller): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.principals.lock(kind, principalId, tx);
      // Anything that is no UUID is as unknown as another's credential; the database would refuse to compare it.
      const credential = isUUID(credentialId)
        ? await tx.findOneBy(Credential, { principalId, credentialId })
        : undefined;
      if (!credential)
        throw new NotFound('credential.unknown', `\`${principalId}\` has no credential \`${credentialId}\``);
      await tx.delete(Credential, { credentialId });
      await this.record(kind, credential, 'delete', caller, tx);
    });
  }

  /** Makes `secret` the only one that the bootstrap gave; true when that changed anything. */
  async setBootstrapSecret(principalId: string, secret: string, tx: EntityManager): Promise<boolean> {
    const secretHash = hashOfSecret(secret);
    const createdBy = bootstrap;
    const replaced = await tx.delete(Credential, { principalId, createdBy, secretHash: Not(secretHash) });
    if (await tx.existsBy(Credential, { principalId, createdBy, secretHash })) return Boolean(replaced.affected);
    await this.insert(principalId, { method: 'secret', secretHash, jwks: null }, createdBy, tx);
    return true;
  }

  private proofOf({ method, jwks }: CredentialOrder): Proof & { clientSecret?: string } {
    if (method === 'private-key-jwt') return { method, secretHash: null, jwks: readPublicJwks(jwks) };
    if (jwks !== undefined) throw new Invalid('jwks.not-expected', '`jwks` goes with the method `private-key-jwt`');
    const clientSecret = randomBytes(32).toString('base64url');
    return { method, secretHash: hashOfSecret(clientSecret), jwks: null, clientSecret };
  }

  private async insert(principalId: string, proof: Proof, createdBy: string, tx: EntityManager): Promise<Credential> {
    const identity = { credentialId: randomUUID(), principalId, createdAt: this.clock.now(), createdBy };
    const credential = tx.create(Credential, { ...identity, ...proof });
    await tx.insert(Credential, credential);
    return credential;
  }

  private record(
    kind: PrincipalKind,
    { principalId, credentialId, method }: Credential,
    verb: 'create' | 'delete',
    caller: Caller,
    tx: EntityManager,
  ): Promise<void> {
    return this.audit.record(
      {
        action: 'administer',
        operation: `credentials:${verb}`,
        outcome: 'done',
        actor: actorOf(caller),
        entity: `${kind}:${principalId}`,
        reason: `${method} ${credentialId}`,
      },
      tx,
    );
  }
}

type Proof = Pick<Credential, 'method' | 'secretHash' | 'jwks'>;
