import 'reflect-metadata';
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
  it.each([true, false])('connects to no name that stands for a private address (all: %s)', async (all) => {
    const error = await new Promise((resolve) => publicLookup('localhost', { all }, (failure) => resolve(failure)));
    expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
