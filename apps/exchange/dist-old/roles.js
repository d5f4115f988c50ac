"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.rolesIn = exports.rolesPattern = exports.roles = void 0;
/** What a process of the exchange does: each may run apart, in as many processes as it needs. */
exports.roles = ['ingest', 'ledger', 'delivery'];
const one = `(${exports.roles.join('|')})`;
/** Roles with commas between. */
exports.rolesPattern = new RegExp(`^${one}(,${one})*$`);
/** The roles that a setting names, each once. */
const rolesIn = (setting) => exports.roles.filter((role) => setting.split(',').includes(role));
exports.rolesIn = rolesIn;
//# sourceMappingURL=roles.js.map