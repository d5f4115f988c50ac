import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CredentialMethod, PublicJwks } from './credential.rules';

/** What a principal proves itself with. INVARIANT: a secret is kept as its hash, never itself. */
@Entity('credentials')
export class Credential {
  @PrimaryColumn('uuid', { name: 'credential_id' }) credentialId: string;
  @Column('text', { name: 'principal_id' }) principalId: string;
  @Column('text') method: CredentialMethod;
  @Column('text', { name: 'secret_hash', nullable: true }) secretHash: string | null;
  @Column('jsonb', { nullable: true }) jwks: PublicJwks | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  /** Principal that made it, or `bootstrap`. */
  @Column('text', { name: 'created_by' }) createdBy: string;
}
