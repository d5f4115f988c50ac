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
exports.Keys = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const lru_cache_1 = require("lru-cache");
const app_config_1 = require("../app.config");
/** The deployment's keys and what is derived from them (HKDF-SHA-256, one label for each use). */
let Keys = class Keys {
    // Key objects: an HMAC whose key is a buffer costs five times as much (bench `pull`).
    subjectKey;
    cursorKey;
    recordKey;
    root;
    // One consumer after the other is shown the same people: computing it anew was 6 % of the time (bench `pull`).
    subjects = new lru_cache_1.LRUCache({ max: 20_000 });
    constructor(config) {
        this.subjectKey = (0, node_crypto_1.createSecretKey)(readKey('SUBJECT_KEY_FILE', config.SUBJECT_KEY_FILE));
        this.root = readKey('PSEUDONYM_KEY_FILE', config.PSEUDONYM_KEY_FILE);
        this.cursorKey = (0, node_crypto_1.createSecretKey)(this.derive('cursors'));
        this.recordKey = (0, node_crypto_1.createSecretKey)(this.derive('record-keys'));
    }
    /** How an audit entry names a data subject: the same person of a dataset is always the same key. */
    subjectOf(datasetId, subject) {
        const about = `${datasetId}|${subject}`;
        const known = this.subjects.get(about);
        if (known !== undefined)
            return known;
        const key = (0, node_crypto_1.createHmac)('sha256', this.subjectKey).update(about).digest('base64url').slice(0, 22);
        this.subjects.set(about, key);
        return key;
    }
    /** Pseudonyms are stable within an agreement and unrelated between agreements. */
    pseudonymKeyOf(agreementId) {
        return this.derive(`pseudonym:${agreementId}`);
    }
    /** Stands for the key of a record where an agreement does not show it: stable within it, unrelated between two. */
    recordPseudonymOf(agreementId, key) {
        return (0, node_crypto_1.createHmac)('sha256', this.recordKey).update(`${agreementId}|${key}`).digest('base64url').slice(0, 22);
    }
    /** A position of one subscription's ledger as an opaque text that only this deployment can make. */
    cursorOf(subscriptionId, position) {
        const body = Buffer.from(JSON.stringify([subscriptionId, position])).toString('base64url');
        return `${body}.${this.sign(body)}`;
    }
    /** The position in a cursor; `Invalid` `cursor.invalid` when it is forged or of another subscription. */
    positionIn(cursor, subscriptionId) {
        const [body = '', signature = ''] = cursor.split('.');
        const [expected, given] = [Buffer.from(this.sign(body)), Buffer.from(signature)];
        if (expected.length === given.length && (0, node_crypto_1.timingSafeEqual)(expected, given)) {
            const [owner, position] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
            if (owner === subscriptionId)
                return position;
        }
        throw new contracts_1.Invalid('cursor.invalid', 'the cursor was not made by the bus for this subscription');
    }
    /** A secret as it may be stored: AES-256-GCM, bound to the subscription it belongs to. */
    seal(secret, subscriptionId) {
        return this.encrypt('webhook-secrets', secret, subscriptionId).toString('base64');
    }
    open(stored, subscriptionId) {
        return this.decrypt('webhook-secrets', Buffer.from(stored, 'base64'), subscriptionId);
    }
    /** A cursor whose holder can neither read it nor use it for anything but `boundTo`. */
    sealCursor(content, boundTo) {
        // Padded, so that the length of the cursor does not tell that of a key.
        return this.encrypt('sealed-cursors', JSON.stringify(content).padEnd(256), boundTo).toString('base64url');
    }
    /** What `sealCursor` was given; `Invalid` `cursor.invalid` when it is forged or bound to something else. */
    openCursor(cursor, boundTo) {
        try {
            return JSON.parse(this.decrypt('sealed-cursors', Buffer.from(cursor, 'base64url'), boundTo));
        }
        catch (cause) {
            throw new contracts_1.Invalid('cursor.invalid', 'the cursor was not made by the bus for this request', { cause });
        }
    }
    /** The signature of a link: whoever has it may follow the link, so it must end with the link. */
    linkSignatureOf(link) {
        return (0, node_crypto_1.createHmac)('sha256', this.derive('links')).update(link).digest('base64url');
    }
    isLinkSignature(link, signature) {
        const [expected, given] = [Buffer.from(this.linkSignatureOf(link)), Buffer.from(signature)];
        return expected.length === given.length && (0, node_crypto_1.timingSafeEqual)(expected, given);
    }
    encrypt(label, text, boundTo) {
        const iv = (0, node_crypto_1.randomBytes)(12);
        const cipher = (0, node_crypto_1.createCipheriv)('aes-256-gcm', this.derive(label), iv).setAAD(Buffer.from(boundTo));
        const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
        return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    }
    decrypt(label, bytes, boundTo) {
        const decipher = (0, node_crypto_1.createDecipheriv)('aes-256-gcm', this.derive(label), bytes.subarray(0, 12), { authTagLength: 16 })
            .setAAD(Buffer.from(boundTo))
            .setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    }
    sign(body) {
        return (0, node_crypto_1.createHmac)('sha256', this.cursorKey).update(body).digest('base64url');
    }
    derive(label) {
        return Buffer.from((0, node_crypto_1.hkdfSync)('sha256', this.root, '', `govbus exchange ${label}`, 32));
    }
};
exports.Keys = Keys;
exports.Keys = Keys = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [app_config_1.AppConfig])
], Keys);
function readKey(setting, path) {
    const key = Buffer.from((0, platform_1.readSecretFile)(setting, path), 'base64');
    if (key.length !== 32)
        throw new platform_1.ConfigError([`${setting} must hold 32 bytes in base64`]);
    return key;
}
//# sourceMappingURL=keys.js.map