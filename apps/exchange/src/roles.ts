/** What a process of the exchange does: each may run apart, in as many processes as it needs. */
export const roles = ['ingest', 'ledger', 'delivery'] as const;
export type Role = (typeof roles)[number];

const one = `(${roles.join('|')})`;
/** Roles with commas between. */
export const rolesPattern = new RegExp(`^${one}(,${one})*$`);

/** The roles that a setting names, each once. */
export const rolesIn = (setting: string): Role[] => roles.filter((role) => setting.split(',').includes(role));
