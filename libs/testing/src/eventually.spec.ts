import { eventually } from './eventually';

describe('eventually', () => {
  it('gives what the first try that does not throw gives', async () => {
    let tries = 0;
    const result = await eventually(() => {
      if (++tries < 3) throw new Error('not yet');
      return Promise.resolve(tries);
    });
    expect(result).toBe(3);
  });

  it('shows the last error after its deadline, and tries once at least', async () => {
    let tries = 0;
    const failing = (): never => {
      throw new Error(`try ${++tries}`);
    };
    await expect(eventually(failing, 50)).rejects.toThrow(/^try \d+$/);
    expect(tries).toBeGreaterThan(1);
    const last = tries;
    await expect(eventually(failing, -1)).rejects.toThrow(`try ${last + 1}`);
  });
});
