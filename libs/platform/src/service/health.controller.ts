import { Producer } from '@govbus/messaging';
import { Controller, Get } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { Public } from '../auth/caller';
import { isIssuer } from '../auth/issuer-endpoints';
import { TokenVerifier } from '../auth/token-verifier';
import { ServiceConfig } from '../config';
import { untraced } from '../http/traced-requests';
import { KafkaUse } from '../service-name';
import { Detail, Readiness } from './readiness';

const patienceMs = 2_000;

/** Alive: the process answers. Ready: it can do its work, because what it needs answers too. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly db: DataSource,
    private readonly producer: Producer,
    private readonly config: ServiceConfig,
    private readonly verifier: TokenVerifier,
    private readonly kafka: KafkaUse,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Public()
  @RouteConfig(untraced)
  @ApiOperation({ operationId: 'isLive', summary: 'Whether the process answers' })
  @ApiOkResponse({ schema: { type: 'object', properties: { status: { enum: ['ok'] } }, required: ['status'] } })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @RouteConfig(untraced)
  @HealthCheck()
  @ApiOperation({ operationId: 'isReady', summary: 'Whether it can do its work, and what is missing' })
  ready(): Promise<HealthCheckResult> {
    const checks = [() => this.check('database', () => this.db.query('SELECT 1'))];
    if (!isIssuer(this.config)) checks.push(() => this.check('issuer', () => this.verifier.ready()));
    if (this.kafka.on) checks.push(() => this.check('kafka', () => this.producer.ping()));
    for (const [name, ask] of this.readiness.checks) checks.push(() => this.check(name, ask));
    return this.health.check(checks);
  }

  private async check(name: string, ask: () => Promise<unknown>): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(name);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error('late')), patienceMs)));
    try {
      const detail = await Promise.race([ask(), late]);
      return detail instanceof Detail ? indicator.up(detail.fields) : indicator.up();
    } catch {
      return indicator.down();
    } finally {
      clearTimeout(timer);
    }
  }
}
