import 'reflect-metadata';
import { changeStatus, refuseOwnSuspension } from './registry-status.rules';

describe('changeStatus', () => {
  it('suspends what is active and resumes what is suspended, each with the next version', () => {
    expect(changeStatus('suspend', 'system', 'water', { status: 'active', version: 1 })).toEqual({
      status: 'suspended',
      version: 2,
    });
    expect(changeStatus('resume', 'system', 'water', { status: 'suspended', version: 2 })).toEqual({
      status: 'active',
      version: 3,
    });
  });

  it('refuses a move to the status that it has', () => {
    expect(() => changeStatus('suspend', 'department', 'x', { status: 'suspended', version: 2 })).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'department.not-suspendable' }),
    );
    expect(() => changeStatus('resume', 'officer', 'x', { status: 'active', version: 1 })).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'officer.not-resumable' }),
    );
  });
});

describe('refuseOwnSuspension', () => {
  it('refuses only the suspension of the own entity', () => {
    expect(() => refuseOwnSuspension('suspend', 'officer', 'chen', 'chen')).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'officer.own' }),
    );
    expect(() => refuseOwnSuspension('suspend', 'officer', 'chen', 'li')).not.toThrow();
    expect(() => refuseOwnSuspension('resume', 'officer', 'chen', 'chen')).not.toThrow();
  });
});
