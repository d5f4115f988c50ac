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
Object.defineProperty(exports, "__esModule", { value: true });
exports.RecipientsService = void 0;
const contracts_1 = require("@govbus/contracts");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const datasets_1 = require("../datasets/datasets");
const list_cursor_1 = require("./list-cursor");
const subscription_entity_1 = require("./subscription.entity");
const subscription_views_1 = require("./subscription-views");
/** Who receives a dataset, for the department that is responsible for it. */
let RecipientsService = class RecipientsService {
    db;
    datasets;
    constructor(db, datasets) {
        this.db = db;
        this.datasets = datasets;
    }
    /** Errors: `NotFound` `dataset.unknown`; `Forbidden` `decision.denied` for departments that do not own it. */
    async list(datasetId, query, caller) {
        const dataset = await this.datasets.find(datasetId);
        if (!dataset)
            throw new contracts_1.NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
        if (dataset.copy.responsibleDepartment !== caller.department && !caller.scopes.includes('admin'))
            throw new contracts_1.Forbidden('decision.denied', 'the dataset is not owned by the department of the caller');
        const behind = (0, list_cursor_1.readListCursor)(query.cursor);
        const rows = this.db.manager
            .createQueryBuilder(subscription_entity_1.Subscription, 's')
            .where({ datasetId })
            .orderBy('s.createdAt')
            .addOrderBy('s.subscriptionId')
            .limit(query.limit + 1);
        if (behind)
            rows.andWhere('(s.createdAt, s.subscriptionId) > (:at, :id)', behind);
        return (0, subscription_views_1.viewsOf)(await rows.getMany(), this.db.manager);
    }
};
exports.RecipientsService = RecipientsService;
exports.RecipientsService = RecipientsService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, datasets_1.Datasets])
], RecipientsService);
//# sourceMappingURL=recipients.service.js.map