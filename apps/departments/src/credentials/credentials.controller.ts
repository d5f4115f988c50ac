import type { PrincipalKind } from '@govbus/contracts';
import { type Caller, CurrentCaller, Scopes } from '@govbus/platform';
import {
  Body,
  Controller,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CredentialList, CredentialOrder, CredentialResponse, NewCredentialResponse } from './credentials.dto';
import { CredentialsService } from './credentials.service';

const officers = 'v1/officers';
// One controller below both paths: an officer is not found below /v1/systems, nor a system below /v1/officers.
const KindOfPath = createParamDecorator((_: unknown, context: ExecutionContext): PrincipalKind => {
  const { url } = context.switchToHttp().getRequest<FastifyRequest>().routeOptions;
  return url?.startsWith(`/${officers}/`) ? 'officer' : 'system';
});

@Controller(['v1/systems/:principalId/credentials', `${officers}/:principalId/credentials`])
export class CredentialsController {
  constructor(private readonly credentials: CredentialsService) {}

  // Not @Idempotent: that would store the answer, and with it the secret.
  @Post()
  @Scopes('admin')
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: NewCredentialResponse })
  async create(
    @KindOfPath() kind: PrincipalKind,
    @Param('principalId') principalId: string,
    @Body() order: CredentialOrder,
    @CurrentCaller() caller: Caller,
  ): Promise<NewCredentialResponse> {
    const { credential, clientSecret } = await this.credentials.create(kind, principalId, order, caller);
    return { ...CredentialResponse.from(credential), ...(clientSecret !== undefined && { clientSecret }) };
  }

  @Get()
  @Scopes('admin')
  @ApiOkResponse({ type: CredentialList })
  async list(@KindOfPath() kind: PrincipalKind, @Param('principalId') principalId: string): Promise<CredentialList> {
    const credentials = await this.credentials.list(kind, principalId);
    return { items: credentials.map((credential) => CredentialResponse.from(credential)) };
  }

  @Delete(':credentialId')
  @HttpCode(204)
  @Scopes('admin')
  @ApiNoContentResponse()
  remove(
    @KindOfPath() kind: PrincipalKind,
    @Param('principalId') principalId: string,
    @Param('credentialId') credentialId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.credentials.remove(kind, principalId, credentialId, caller);
  }
}
