import { type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Invalid } from '@govbus/contracts';

const refused4 = new BlockList();
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
] as const)
  refused4.addSubnet(net, prefix, 'ipv4');

const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
const refused6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  refused6.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is one of the public internet: not loopback, private, link-local, mapped or reserved. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused4.check(address, 'ipv4');
  return family === 6 && public6.check(address, 'ipv6') && !refused6.check(address, 'ipv6');
}

// The system's look-up has two threads for the whole process: names of one consumer whose name server never answers would
// keep the connections of all others waiting (P6). So name servers are asked by Node itself, which needs none; by one that
// is made anew each time, since which they are is read when it is made.
const patience = { timeout: 2_000, tries: 2 };

const isLocal6 = /^(fe[89ab]|f[cd])/i;
/** Whether this machine reaches the internet by IPv6: else addresses of it would only cost the others their time. */
const reaches6 = (): boolean =>
  Object.values(networkInterfaces()).some((list) =>
    list?.some(({ family, internal, address }) => family === 'IPv6' && !internal && !isLocal6.test(address)),
  );

/** The addresses of a name. Names without a dot are of the own network and known to the system alone. */
async function addressesOf(hostname: string, { family }: LookupOptions): Promise<LookupAddress[]> {
  if (!hostname.includes('.')) return lookup(hostname, { family, all: true });
  const nameServers = new Resolver(patience);
  const wants6 = family === 6 || family === 'IPv6';
  const asked = [
    ...(wants6 ? [] : [[4, nameServers.resolve4(hostname)] as const]),
    ...(wants6 || (family !== 4 && family !== 'IPv4' && reaches6())
      ? [[6, nameServers.resolve6(hostname)] as const]
      : []),
  ].map(async ([of, found]) => (await found).map((address) => ({ address, family: of })));
  const found = await Promise.allSettled(asked);
  const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failed = found.find((one) => one.status === 'rejected');
  if (addresses.length === 0 && failed) throw failed.reason;
  return addresses;
}

/** Name look-up for outgoing connections that knows public addresses only: what it answers is what is connected to. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  addressesOf(hostname, options).then(
    (addresses) => {
      const [first] = addresses;
      if (!first) return callback(new Error('no address'), '', 0);
      if (!addresses.every(({ address }) => isPublicAddress(address)))
        return callback(Object.assign(new Error('address refused'), { code: 'ADDRESS_REFUSED' }), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => callback(error, '', 0),
  );
};

/**
 * The address a webhook may be sent to.
 *
 * Errors: `Invalid` `webhook.address-refused` unless it is https to a host that is not itself a private address;
 *   names are checked at each connection, because what they stand for may change.
 */
export function webhookUrl(text: string, allowPrivate: boolean): URL {
  if (!URL.canParse(text)) throw refusedUrl('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) throw refusedUrl('must be https');
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refusedUrl('must have neither credentials nor a fragment');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && (/(^|\.)localhost\.?$/i.test(host) || (isIP(host) !== 0 && !isPublicAddress(host))))
    throw refusedUrl('must be a public address');
  return url;
}

const refusedUrl = (why: string): Invalid =>
  new Invalid('webhook.address-refused', `the address of the webhook ${why}`);
