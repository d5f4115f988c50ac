import { Module } from '@nestjs/common';
import { IssuerRoute } from './issuer.route';
import { OidcArtifacts } from './oidc-artifacts';
import { OidcClients } from './oidc-clients';

@Module({ providers: [IssuerRoute, OidcArtifacts, OidcClients], exports: [OidcArtifacts] })
export class IssuerModule {}
