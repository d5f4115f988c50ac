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
exports.replay = exports.RepeatedRequests = exports.isKeyed = void 0;
const node_crypto_1 = require("node:crypto");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
/** Whether a request has an `Idempotency-Key`: what stands here costs the others nothing. */
const isKeyed = ({ headers }) => headers['idempotency-key'] !== undefined;
exports.isKeyed = isKeyed;
/**
 * `Idempotency-Key` on the hot route: what `@Idempotent` is for the others. A repeated request is answered as the first
 * was, without being published again; one that was refused may be tried again at once.
 */
let RepeatedRequests = class RepeatedRequests {
    keys;
    claimed = new WeakMap();
    constructor(keys) {
        this.keys = keys;
    }
    /** The answer that was kept; undefined when this request is the first. Errors: those of `IdempotencyKeys.claim`. */
    async claim(request, caller, body) {
        const key = (0, platform_1.idempotencyKeyOf)(request.headers['idempotency-key']) ?? '';
        const keyed = [key, caller.id, `${request.method} ${request.url}`];
        const kept = await this.keys.claim(keyed, digestOf(request, body));
        if (!kept)
            this.claimed.set(request, keyed);
        return kept;
    }
    /** Keeps what is answered, before it goes out. */
    async keep(request, status, body) {
        const keyed = this.claimed.get(request);
        if (keyed)
            await this.keys.finish(keyed, { status, headers: {}, body });
    }
    /** Frees the key of a request that was refused. */
    async release(request) {
        const keyed = this.claimed.get(request);
        if (keyed)
            await this.keys.forget(keyed);
    }
};
exports.RepeatedRequests = RepeatedRequests;
exports.RepeatedRequests = RepeatedRequests = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [platform_1.IdempotencyKeys])
], RepeatedRequests);
/** Answers as the first request was answered. */
const replay = ({ status, body }, reply) => reply.status(status).header('idempotency-replayed', 'true').send(body);
exports.replay = replay;
// The body as inflated, and what of the headers makes it another request.
function digestOf({ headers, raw: { rawHeaders } }, body) {
    const attributes = [];
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
        const name = (rawHeaders[i] ?? '').toLowerCase();
        if (name.startsWith('ce-'))
            attributes.push(`${name}: ${rawHeaders[i + 1] ?? ''}`);
    }
    const about = JSON.stringify([headers['content-type'] ?? '', headers.prefer ?? '', attributes.sort()]);
    return (0, node_crypto_1.createHash)('sha256').update(about).update(body).digest();
}
//# sourceMappingURL=repeated-requests.js.map