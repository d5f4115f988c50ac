/** What a process of the exchange does: each may run apart, in as many processes as it needs. */
export declare const roles: readonly ['ingest', 'ledger', 'delivery'];
export type Role = (typeof roles)[number];
/** Roles with commas between. */
export declare const rolesPattern: RegExp;
/** The roles that a setting names, each once. */
export declare const rolesIn: (setting: string) => Role[];
//# sourceMappingURL=roles.d.ts.map