"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.publicLookup = void 0;
exports.isPublicAddress = isPublicAddress;
exports.webhookUrl = webhookUrl;
const node_dns_1 = require("node:dns");
const node_net_1 = require("node:net");
const contracts_1 = require("@govbus/contracts");
const refused4 = new node_net_1.BlockList();
for (const [net, prefix] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
])
    refused4.addSubnet(net, prefix, 'ipv4');
const public6 = new node_net_1.BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
const refused6 = new node_net_1.BlockList();
for (const [net, prefix] of [
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
])
    refused6.addSubnet(net, prefix, 'ipv6');
/** Whether an IP address is one of the public internet: not loopback, private, link-local, mapped or reserved. */
function isPublicAddress(address) {
    const family = (0, node_net_1.isIP)(address);
    if (family === 4)
        return !refused4.check(address, 'ipv4');
    return family === 6 && public6.check(address, 'ipv6') && !refused6.check(address, 'ipv6');
}
/** Name look-up for outgoing connections that knows public addresses only: what it answers is what is connected to. */
const publicLookup = (hostname, options, callback) => {
    const all = { ...options, all: true };
    (0, node_dns_1.lookup)(hostname, all, (error, addresses) => {
        const [first] = addresses ?? [];
        if (error || !first)
            return callback(error ?? new Error('no address'), '', 0);
        if (!addresses.every(({ address }) => isPublicAddress(address)))
            return callback(Object.assign(new Error('address refused'), { code: 'ADDRESS_REFUSED' }), '', 0);
        if (options.all)
            return callback(null, addresses);
        callback(null, first.address, first.family);
    });
};
exports.publicLookup = publicLookup;
/**
 * The address a webhook may be sent to.
 *
 * Errors: `Invalid` `webhook.address-refused` unless it is https to a host that is not itself a private address;
 *   names are checked at each connection, because what they stand for may change.
 */
function webhookUrl(text, allowPrivate) {
    if (!URL.canParse(text))
        throw refusedUrl('is not a URL');
    const url = new URL(text);
    if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
        throw refusedUrl('must be https');
    if (url.username !== '' || url.password !== '' || url.hash !== '')
        throw refusedUrl('must have neither credentials nor a fragment');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!allowPrivate && (/(^|\.)localhost\.?$/i.test(host) || ((0, node_net_1.isIP)(host) !== 0 && !isPublicAddress(host))))
        throw refusedUrl('must be a public address');
    return url;
}
const refusedUrl = (why) => new contracts_1.Invalid('webhook.address-refused', `the address of the webhook ${why}`);
//# sourceMappingURL=addresses.js.map