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
exports.QueriesController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const queries_dto_1 = require("./queries.dto");
const queries_service_1 = require("./queries.service");
let QueriesController = class QueriesController {
    queries;
    constructor(queries) {
        this.queries = queries;
    }
    // No `Idempotency-Key` here: a stored answer would keep the records beyond the agreement.
    run(request, caller) {
        return this.queries.run(request, caller);
    }
};
exports.QueriesController = QueriesController;
__decorate([
    (0, common_1.Post)(),
    (0, common_1.HttpCode)(200),
    (0, platform_1.Scopes)('events:read'),
    (0, swagger_1.ApiOperation)({
        operationId: 'runQuery',
        summary: 'The latest record under a key, or those that match; each page is a disclosure, the empty one too',
    }),
    (0, swagger_1.ApiOkResponse)({ type: queries_dto_1.QueryResponse }),
    (0, swagger_1.ApiTooManyRequestsResponse)(),
    __param(0, (0, common_1.Body)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [queries_dto_1.RunQueryRequest, Object]),
    __metadata("design:returntype", Promise)
], QueriesController.prototype, "run", null);
exports.QueriesController = QueriesController = __decorate([
    (0, common_1.Controller)('v1/queries'),
    __metadata("design:paramtypes", [queries_service_1.QueriesService])
], QueriesController);
//# sourceMappingURL=queries.controller.js.map