import { ApiProperty } from '@nestjs/swagger';
import { Allow, IsIn } from 'class-validator';
import { type CredentialMethod, credentialMethods } from './credential.rules';
import type { Credential } from './credential.entity';

export class CredentialOrder {
  @ApiProperty({ enum: credentialMethods }) @IsIn(credentialMethods) method: CredentialMethod;
  /** With `private-key-jwt` only: the public keys, checked by the rules. */
  @ApiProperty({
    selfRequired: false,
    type: 'object',
    properties: { keys: { type: 'array', items: { type: 'object', additionalProperties: true } } },
  })
  @Allow()
  jwks?: unknown;
}

export class CredentialResponse {
  @ApiProperty() credentialId: string;
  @ApiProperty({ enum: credentialMethods }) method: CredentialMethod;
  @ApiProperty() createdAt: string;
  /** `kid` of the keys that have one. */
  @ApiProperty({ required: false, type: [String] }) keyIds?: string[];

  static from({ credentialId, method, createdAt, jwks }: Credential): CredentialResponse {
    const keyIds = jwks?.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
    return { credentialId, method, createdAt: createdAt.toISOString(), ...(keyIds && { keyIds }) };
  }
}

/** The one answer that ever holds the secret. */
export class NewCredentialResponse extends CredentialResponse {
  @ApiProperty({ required: false }) clientSecret?: string;
}

export class CredentialList {
  @ApiProperty({ type: [CredentialResponse] }) items: CredentialResponse[];
}
