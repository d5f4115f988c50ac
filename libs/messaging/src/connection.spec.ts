import { Conflict, Unavailable } from '@govbus/contracts';
import { isBadData, isTransient } from './connection';

const coded = (code: string): Error => Object.assign(new Error('planted'), { code });

describe('isTransient', () => {
  it.each(['08006', '57P01', '57P03', '53300', '40001', '40P01', '25006', 'ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND'])(
    'takes %s for something that is away',
    (code) => expect(isTransient(coded(code))).toBe(true),
  );
  it.each(['23505', '22P02', '42P01', 'ENOENT', 'EACCES', 'EINVAL', 'ERR_INVALID_ARG_TYPE'])(
    'takes %s for a fault of its own',
    (code) => expect(isTransient(coded(code))).toBe(false),
  );
  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
  ])('knows the driver by its words: %s', (message) => expect(isTransient(new Error(message))).toBe(true));

  it('tells refusals apart, and what is no error', () => {
    expect(isTransient(new Unavailable('issuer.unavailable', 'later'))).toBe(true);
    expect(isTransient(new Conflict('note.refused', 'never'))).toBe(false);
    for (const other of [undefined, null, 'ECONNREFUSED', new TypeError('x')]) expect(isTransient(other)).toBe(false);
  });
});

describe('isBadData', () => {
  it.each(['22001', '22021', '22P02', '22P05', '54000'])('takes %s for a fault of the data', (code) =>
    expect(isBadData(coded(code))).toBe(true),
  );
  it.each(['23505', '40001', '53300', '57P01', '42P01', '08006', 'ECONNRESET', '22', '54'])(
    'does not take %s',
    (code) => expect(isBadData(coded(code))).toBe(false),
  );
  it('does not take what has no code', () => {
    for (const other of [undefined, null, '22001', new Error('22001'), { code: 22001 }])
      expect(isBadData(other)).toBe(false);
  });
});
