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
exports.UnreadableMessages = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const bus_message_1 = require("./bus-message");
const ledger_writer_1 = require("./ledger-writer");
const maxAtOnce = 1_000;
/** The messages that the ledger set aside: where they stood and why, their replay and their end. Never their content. */
let UnreadableMessages = class UnreadableMessages {
    db;
    writer;
    audit;
    constructor(db, writer, audit) {
        this.db = db;
        this.writer = writer;
        this.audit = audit;
    }
    /** In the order of topic, partition and offset; one more than `limit` when there are more. */
    list(cursor, limit) {
        const { topic, partition, offset } = placeIn((0, platform_1.readCursor)(cursor, 3));
        return this.db.query(`SELECT topic || '-' || partition || '-' || message_offset AS id, topic, partition, message_offset AS "offset", reason,
              coalesce(octet_length(message_value), 0) AS bytes, parked_at AS "parkedAt"
         FROM unreadable_messages WHERE (topic, partition, message_offset) > ($1, $2, $3)
        ORDER BY topic, partition, message_offset LIMIT $4`, [topic, partition, offset, limit + 1]);
    }
    /**
     * Errors: `NotFound` `unreadable-message.unknown`; `Conflict` `unreadable-message.unreadable` when the ledger still does
     *   not take it, which stays parked then.
     */
    async replay(id, caller) {
        try {
            await this.db.transaction(async (tx) => {
                const { offset, ...message } = await this.take(id, tx);
                await this.writer.writeParked({ ...message, offset: BigInt(offset), timestamp: 0 }, tx);
                await this.record({ operation: 'unreadable-messages:replay', id }, caller, tx);
            });
        }
        catch (error) {
            if (error instanceof bus_message_1.Unreadable)
                throw stillUnreadable(error.message);
            if ((0, ledger_writer_1.isBadData)(error))
                throw stillUnreadable('refused by the database');
            throw error;
        }
    }
    /** Each on its own, so that one that fails holds up no other. */
    async replayAll(caller) {
        let replayed = 0;
        for (const { id } of (await this.list(undefined, maxAtOnce)).slice(0, maxAtOnce)) {
            try {
                await this.replay(id, caller);
                replayed += 1;
            }
            catch (error) {
                if (!(error instanceof contracts_1.DomainError) || error.kind === 'unavailable')
                    throw error;
            }
        }
        const [{ left } = { left: 0 }] = await this.db.query('SELECT count(*)::int AS left FROM unreadable_messages');
        return { replayed, left };
    }
    /** Errors: `NotFound` `unreadable-message.unknown`. */
    discard(id, reason, caller) {
        return this.db.transaction(async (tx) => {
            await this.take(id, tx);
            await this.record({ operation: 'unreadable-messages:discard', id, reason }, caller, tx);
        });
    }
    // Gone when the transaction commits; two that take the same wait for each other.
    async take(id, tx) {
        const { topic, partition, offset } = placeOf(id);
        const [rows] = await tx.query(`DELETE FROM unreadable_messages WHERE topic = $1 AND partition = $2 AND message_offset = $3
       RETURNING message_key AS key, message_value AS value`, [topic, partition, offset]);
        const [message] = rows;
        if (!message)
            throw new contracts_1.NotFound('unreadable-message.unknown', `there is no unreadable message \`${id}\``);
        return { ...message, offset };
    }
    record({ id, ...act }, caller, tx) {
        const entity = `unreadable-message:${id}`.slice(0, 120);
        return this.audit.record({ ...act, action: 'administer', outcome: 'done', actor: (0, platform_1.actorOf)(caller), entity }, tx);
    }
};
exports.UnreadableMessages = UnreadableMessages;
exports.UnreadableMessages = UnreadableMessages = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, ledger_writer_1.LedgerWriter, platform_1.Audit])
], UnreadableMessages);
const stillUnreadable = (reason) => new contracts_1.Conflict('unreadable-message.unreadable', `the ledger still does not take it: ${reason}`);
function placeOf(id) {
    const [, topic, partition, offset] = /^([\w.-]{1,249})-(\d{1,9})-(\d{1,18})$/.exec(id) ?? [];
    if (topic === undefined || partition === undefined || offset === undefined)
        throw new contracts_1.Invalid('unreadable-message.invalid', 'not an id of an unreadable message');
    return { topic, partition: Number(partition), offset };
}
function placeIn(cursor) {
    if (!cursor)
        return { topic: '', partition: -1, offset: '-1' };
    const [topic, partition, offset] = cursor;
    const isPlace = typeof topic === 'string' &&
        Number.isInteger(partition) &&
        Math.abs(Number(partition)) < 2 ** 31 &&
        typeof offset === 'string' &&
        /^\d{1,18}$/.test(offset);
    if (!isPlace)
        throw new contracts_1.Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
    return { topic, partition: Number(partition), offset };
}
//# sourceMappingURL=unreadable-messages.js.map