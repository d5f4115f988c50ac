"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.SseController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const sse_rules_1 = require("./sse.rules");
const sse_streams_1 = require("./sse-streams");
let SseController = class SseController {
    streams;
    constructor(streams) {
        this.streams = streams;
    }
    async stream(subscriptionId, lastEventId, caller, request, reply) {
        // Fastify answers HEAD by the handler of GET: pages would be disclosed that nobody is sent.
        if (request.method !== 'GET')
            throw new platform_1.EdgeError(405, 'method.not-allowed', 'a stream can only be got', { allow: 'GET' });
        const { authorization } = request.headers;
        const run = await this.streams.open({ subscriptionId, caller, authorization, lastEventId, traceId: request.id });
        reply.hijack();
        await run(reply.raw);
    }
};
exports.SseController = SseController;
__decorate([
    (0, common_1.Get)(':id/stream'),
    (0, platform_1.Scopes)('events:read'),
    (0, swagger_1.ApiOperation)({
        operationId: 'streamEvents',
        summary: 'A stream of events (server-sent events); each page that is written is a disclosure',
    }),
    (0, swagger_1.ApiHeader)({ name: 'last-event-id', required: false, description: 'goes on behind it, and acknowledges up to it' }),
    (0, swagger_1.ApiOkResponse)({ content: { [sse_rules_1.sseType]: { schema: { type: 'string' } } } }),
    (0, swagger_1.ApiConflictResponse)(),
    (0, swagger_1.ApiTooManyRequestsResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Headers)('last-event-id')),
    __param(2, (0, platform_1.CurrentCaller)()),
    __param(3, (0, common_1.Req)()),
    __param(4, (0, common_1.Res)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object, Object, Object, Object]),
    __metadata("design:returntype", Promise)
], SseController.prototype, "stream", null);
exports.SseController = SseController = __decorate([
    (0, common_1.Controller)('v1/subscriptions'),
    __metadata("design:paramtypes", [sse_streams_1.SseStreams])
], SseController);
//# sourceMappingURL=sse.controller.js.map