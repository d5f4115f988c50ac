import { Module } from '@nestjs/common';
import { AgreementsController } from './agreements.controller';
import { AgreementsService } from './agreements.service';
import { OverScopeConsumer } from './over-scope.consumer';

@Module({ controllers: [AgreementsController, OverScopeConsumer], providers: [AgreementsService] })
export class AgreementsModule {}
