import { Global, Module } from '@nestjs/common';
import { ExchangeMetrics } from './exchange-metrics';
import { LedgerMetrics } from './ledger-metrics';

/** What the exchange tells of its work. */
@Global()
@Module({ providers: [ExchangeMetrics, LedgerMetrics], exports: [ExchangeMetrics, LedgerMetrics] })
export class OperationsModule {}
