import { BlockList, isIPv6 } from 'node:net';
import { Controller, Get, Header, NotFoundException, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/caller';
import { ServiceConfig } from '../config';
import { untraced } from '../http/traced-requests';
import { Metrics } from './metrics';

/**
 * `GET /metrics` for the collectors of the operator. For anybody else, and for what a proxy passes on from outside, there
 * is nothing at this address: how busy a department is, is its own affair.
 */
@Controller('metrics')
@ApiExcludeController()
export class MetricsController {
  private readonly allowed = new BlockList();

  constructor(
    private readonly metrics: Metrics,
    config: ServiceConfig,
  ) {
    for (const [address = '', prefix] of config.METRICS_FROM.split(',').map((range) => range.split('/')))
      this.allowed.addSubnet(address, Number(prefix), familyOf(address));
  }

  @Get()
  @Public()
  @RouteConfig(untraced)
  @Header('content-type', Metrics.contentType)
  @Header('cache-control', 'no-store')
  scrape(@Req() { socket, headers }: FastifyRequest): Promise<string> {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    const isForwarded = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
    if (isForwarded || !this.allowed.check(address, familyOf(address))) throw new NotFoundException();
    return this.metrics.text();
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
