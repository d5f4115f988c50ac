import { Producer } from '@govbus/messaging';
import { Controller, Get, type OnModuleDestroy } from '@nestjs/common';
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

/** How long a check may take, and how long one answer serves all who ask, in ms. */
const [patienceMs, freshMs] = [2_000, 1_000];

type Look = { until: number; answer: Promise<HealthCheckResult> };

/** Alive: the process answers. Ready: it can do its work, because what it needs answers too. */
@Controller('health')
export class HealthController implements OnModuleDestroy {
  private last: Look | undefined;

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
    if (!this.last || performance.now() > this.last.until) this.last = this.look();
    return this.last.answer;
  }

  // What was seen before tells nobody that the process ends.
  onModuleDestroy(): void {
    this.last = undefined;
  }

  // Anybody may ask, as often as they like: all who do while one look lasts, and in the second after it, share it.
  private look(): Look {
    const answer = this.askAll().finally(() => (look.until = performance.now() + freshMs));
    const look: Look = { until: Infinity, answer };
    return look;
  }

  private askAll(): Promise<HealthCheckResult> {
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
