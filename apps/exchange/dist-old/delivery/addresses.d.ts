import { type LookupFunction } from 'node:net';
/** Whether an IP address is one of the public internet: not loopback, private, link-local, mapped or reserved. */
export declare function isPublicAddress(address: string): boolean;
/** Name look-up for outgoing connections that knows public addresses only: what it answers is what is connected to. */
export declare const publicLookup: LookupFunction;
/**
 * The address a webhook may be sent to.
 *
 * Errors: `Invalid` `webhook.address-refused` unless it is https to a host that is not itself a private address;
 *   names are checked at each connection, because what they stand for may change.
 */
export declare function webhookUrl(text: string, allowPrivate: boolean): URL;
//# sourceMappingURL=addresses.d.ts.map