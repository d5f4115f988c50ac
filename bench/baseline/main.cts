// The textbook build: how a careful team writes this with the usual parts, each used as its documents show.
// Settings come from the environment: PORT, KAFKA_BROKERS, ISSUER, TOPIC and CITY, a file with the Cedar policies (one
// for each agreement and those of publishing) and the responsible department of each dataset.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import {
  Body,
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Post,
  type OnModuleInit,
  UnauthorizedException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, ClientsModule, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsIn,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  validate,
  ValidateNested,
} from 'class-validator';
import jwt from 'jsonwebtoken';
import { lastValueFrom } from 'rxjs';

class ReportData {
  @IsDefined() key: string | number;
  @IsString() @MaxLength(20) district: string;
  @IsString() @MaxLength(40) category: string;
  @IsIn(['open', 'assigned', 'done']) status: string;
  @IsISO8601({ strict: true }) openedAt: string;
  @IsString() @MaxLength(20) phone: string;
  @IsOptional() @IsString() @MaxLength(80) name?: string;
  @IsOptional() @IsNumber() @Min(-90) @Max(90) latitude?: number;
  @IsOptional() @IsNumber() @Min(-180) @Max(180) longitude?: number;
  @IsOptional() @IsArray() @ArrayMaxSize(10) @IsString({ each: true }) units?: string[];
  @IsOptional() @IsNumber() sentAt?: number;
  @IsOptional() @IsString() @MaxLength(2000) description?: string;
}
class CloudEvent {
  @IsIn(['1.0']) specversion: string;
  @IsString() @MaxLength(512) id: string;
  @IsString() @MaxLength(512) source: string;
  @IsString() @MaxLength(512) type: string;
  @IsString() @MaxLength(63) dataset: string;
  @IsOptional() @IsISO8601() time?: string;
  @IsDefined() @ValidateNested() @Type(() => ReportData) data: ReportData;
}

type City = { policies: Record<string, string>; datasets: Record<string, string> };
const city = JSON.parse(readFileSync(process.env.CITY ?? '', 'utf8')) as City;
type Claims = { sub: string; department: string; scope: string };
type Incoming = { headers: Record<string, string | undefined>; body: unknown; claims?: Claims };

/** Verifies the token of each request with the issuer's keys, fetched at the start. */
@Injectable()
class TokenGuard implements CanActivate, OnModuleInit {
  private readonly keys = new Map<string, KeyObject>();

  async onModuleInit(): Promise<void> {
    const response = await fetch(`${process.env.ISSUER}/jwks`);
    const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
    for (const key of keys) this.keys.set(key.kid, createPublicKey({ key, format: 'jwk' }));
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Incoming>();
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const key = this.keys.get(jwt.decode(token, { complete: true })?.header.kid ?? '');
    if (!key) throw new UnauthorizedException();
    try {
      const options = { algorithms: ['ES256' as const], issuer: process.env.ISSUER, audience: 'govbus' };
      const claims = jwt.verify(token, key, options) as jwt.JwtPayload & Claims;
      if (!claims.scope.split(' ').includes('events:publish')) return false;
      request.claims = claims;
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}

/** Asks the preparsed policies, one for each agreement and those of publishing, at each call. */
@Injectable()
class Policies implements OnModuleInit {
  onModuleInit(): void {
    const answer = cedar.preparsePolicySet('textbook', { staticPolicies: city.policies });
    if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  }

  mayPublish({ sub, department }: Claims, dataset: string): boolean {
    const principal = { type: 'System', id: sub };
    const resource = { type: 'Dataset', id: dataset };
    const answer = cedar.statefulIsAuthorized({
      preparsedPolicySetId: 'textbook',
      principal,
      action: { type: 'Action', id: 'publish' },
      resource,
      context: {},
      entities: [
        { uid: principal, attrs: { department }, parents: [] },
        { uid: resource, attrs: { department: city.datasets[dataset] ?? '' }, parents: [] },
      ],
      validateRequest: false,
    });
    return answer.type === 'success' && answer.response.decision === 'allow';
  }
}

const datasetIn = (body: unknown): string => (body as { dataset?: string } | null)?.dataset ?? '';

@Injectable()
class PublishGuard implements CanActivate {
  constructor(@Inject(Policies) private readonly policies: Policies) {}

  canActivate(context: ExecutionContext): boolean {
    const { claims, body } = context.switchToHttp().getRequest<Incoming>();
    if (!claims || Array.isArray(body)) return claims !== undefined;
    if (!this.policies.mayPublish(claims, datasetIn(body))) throw new ForbiddenException();
    return true;
  }
}

const Claimed = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Incoming>().claims,
);

@Controller()
class EventsController {
  constructor(
    @Inject('KAFKA') private readonly kafka: ClientKafka,
    @Inject(Policies) private readonly policies: Policies,
  ) {}

  @Post('events')
  @HttpCode(202)
  @UseGuards(TokenGuard, PublishGuard)
  async publish(@Body() event: CloudEvent): Promise<object> {
    await this.emit(event);
    return { id: event.id, status: 'accepted' };
  }

  /** A batch is a loop over what one event does. */
  @Post('batches')
  @HttpCode(207)
  @UseGuards(TokenGuard)
  async publishBatch(@Body() events: object[], @Claimed() claims: Claims): Promise<object> {
    const results: object[] = [];
    for (const plain of events) {
      const event = plainToInstance(CloudEvent, plain);
      const isGood = (await validate(event)).length === 0 && this.policies.mayPublish(claims, event.dataset);
      if (isGood) await this.emit(event);
      results.push({ id: event.id, status: isGood ? 'accepted' : 'refused' });
    }
    return { results };
  }

  private async emit(event: CloudEvent): Promise<void> {
    await lastValueFrom(this.kafka.emit(process.env.TOPIC ?? '', { key: event.dataset, value: event }));
  }
}

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'KAFKA',
        transport: Transport.KAFKA,
        options: {
          client: { clientId: 'textbook', brokers: [process.env.KAFKA_BROKERS ?? ''] },
          producer: { allowAutoTopicCreation: false },
          producerOnlyMode: true,
          send: { acks: -1 },
        },
      },
    ]),
  ],
  controllers: [EventsController],
  providers: [TokenGuard, PublishGuard, Policies],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: ['error', 'warn'],
  });
  const fastify = app.getHttpAdapter().getInstance();
  const types = ['application/cloudevents+json', 'application/cloudevents-batch+json'];
  fastify.addContentTypeParser(types, { parseAs: 'string' }, fastify.getDefaultJsonParser('error', 'ignore'));
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
  await app.listen(Number(process.env.PORT), '127.0.0.1');
}

void main();
