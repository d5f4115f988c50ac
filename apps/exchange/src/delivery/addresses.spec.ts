import 'reflect-metadata';
import { type LookupOptions, promises } from 'node:dns';
import os from 'node:os';
import { isPublicAddress, publicLookup, webhookUrl } from './addresses';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '172.32.0.1', '11.0.0.1'])('takes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  it.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.9.9.9',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...['192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', 'fc00::1', 'fd12::1', 'fe80::1'],
    ...['ff02::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2001:db8::1', '2002:7f00:1::', 'name', ''],
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('webhookUrl', () => {
  it.each([
    ...['https://127.0.0.1/x', 'https://[::1]/', 'https://2130706433/', 'https://0x7f.1/', 'https://localhost/'],
    ...['https://a.localhost', 'http://example.org/', 'https://user:secret@example.org/', 'ftp://example.org/', 'x'],
  ])('refuses %s', (url) => {
    expect(() => webhookUrl(url, false)).toThrow('the address of the webhook');
  });
  it('takes https to a name, and anything local where that is allowed', () => {
    expect(webhookUrl('https://example.org/hook?a=1', false).href).toBe('https://example.org/hook?a=1');
    expect(webhookUrl('http://127.0.0.1:8080/hook', true).href).toBe('http://127.0.0.1:8080/hook');
  });
});

describe('publicLookup', () => {
  const [v4, v6] = ['93.184.216.34', '2606:2800:220:1::1'];
  const answers = (found4: string[] | Error, found6: string[] | Error) => {
    const answer = <T>(found: T | Error) => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found));
    jest.spyOn(promises.Resolver.prototype, 'resolve4').mockImplementation((() => answer(found4)) as never);
    jest.spyOn(promises.Resolver.prototype, 'resolve6').mockImplementation((() => answer(found6)) as never);
  };
  const lookUp = (options: LookupOptions) =>
    new Promise<unknown>((resolve) =>
      publicLookup('receiver.example', options, (error, ...found) => resolve(error ?? found)),
    );
  afterEach(() => jest.restoreAllMocks());

  const hasAddress = (address: string) =>
    jest
      .spyOn(os, 'networkInterfaces')
      .mockReturnValue({ eth0: [{ family: 'IPv6', internal: false, address } as os.NetworkInterfaceInfo] });

  it.each(['fe80::1', 'fd00::1'])('asks for no address that a machine with %s alone does not reach', async (own) => {
    hasAddress(own);
    answers([v4], [v6]);
    expect(await lookUp({ all: true })).toEqual([[{ address: v4, family: 4 }]]);
  });

  it('answers what the name servers say, of the family that is asked for', async () => {
    hasAddress(v6);
    answers([v4], [v6]);
    const [four, six] = [
      { address: v4, family: 4 },
      { address: v6, family: 6 },
    ];
    expect(await lookUp({ all: true })).toEqual([[four, six]]);
    expect(await lookUp({ all: true, family: 6 })).toEqual([[six]]);
    expect(await lookUp({ family: 4 })).toEqual([v4, 4]);
    answers(new Error('no such record'), [v6]);
    expect(await lookUp({ all: true })).toEqual([[six]]);
    answers([v4, '10.0.0.1'], [v6]);
    expect(await lookUp({ all: true })).toMatchObject({ code: 'ADDRESS_REFUSED' });
    answers(new Error('unknown name'), new Error('unknown name'));
    expect(await lookUp({ all: true })).toMatchObject({ message: 'unknown name' });
    answers([], []);
    expect(await lookUp({})).toMatchObject({ message: 'no address' });
  });

  it('takes no thread of the process for a name server that does not answer', async () => {
    const system = jest.spyOn(promises, 'lookup');
    jest.spyOn(promises.Resolver.prototype, 'resolve4').mockReturnValue(new Promise(() => undefined));
    for (let i = 0; i < 10; i += 1) void lookUp({});
    await new Promise((resolve) => setImmediate(resolve));
    expect(system).not.toHaveBeenCalled();
  });

  it.each([true, false])('connects to no name that stands for a private address (all: %s)', async (all) => {
    const error = await new Promise((resolve) => publicLookup('localhost', { all }, (failure) => resolve(failure)));
    expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
