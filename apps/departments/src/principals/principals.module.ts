import { PRINCIPAL_STATUS } from '@govbus/platform';
import { Global, Module } from '@nestjs/common';
import { OfficersController } from './officers.controller';
import { OwnPrincipalStatus } from './principal-status';
import { PrincipalsService } from './principals.service';
import { SystemsController } from './systems.controller';

/** Global, because the token verifier of `platform` asks for `PRINCIPAL_STATUS`. */
@Global()
@Module({
  controllers: [SystemsController, OfficersController],
  providers: [PrincipalsService, { provide: PRINCIPAL_STATUS, useClass: OwnPrincipalStatus }],
  exports: [PrincipalsService, PRINCIPAL_STATUS],
})
export class PrincipalsModule {}
