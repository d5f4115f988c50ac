import { Turns } from './turns';

/** Work that ends when it is told to, and the names of what has begun, in order. */
function bench(maxAtOnce: number) {
  const turns = new Turns(maxAtOnce);
  const begun: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const take = (department: string, name: string) =>
    turns.take(department, () => {
      begun.push(name);
      return new Promise<void>((resolve, reject) => ends.set(name, { resolve, reject }));
    });
  return { turns, begun, take, end: (name: string) => ends.get(name) };
}
const others = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('are had by few of a department at once, the rest in the order in which it came', async () => {
    const { begun, take, end } = bench(2);
    const all = ['1', '2', '3', '4'].map((name) => take('a', name));
    await others();
    expect(begun).toEqual(['1', '2']);
    end('2')?.resolve();
    await others();
    expect(begun).toEqual(['1', '2', '3']);
    for (const name of ['1', '3']) end(name)?.resolve();
    await others();
    end('4')?.resolve();
    await Promise.all(all);
    expect(begun).toEqual(['1', '2', '3', '4']);
  });

  it('of one department keep no other waiting', async () => {
    const { begun, take } = bench(1);
    for (const [department, name] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ] as const)
      void take(department, name);
    await others();
    expect(begun).toEqual(['a1', 'b1']);
  });

  it('go on after work that failed', async () => {
    const { begun, take, end } = bench(1);
    const failing = take('a', '1');
    void take('a', '2');
    await others();
    end('1')?.reject(new Error('failed'));
    await expect(failing).rejects.toThrow('failed');
    await others();
    expect(begun).toEqual(['1', '2']);
  });

  it('last until they are ended, once, where their end is that of something else', async () => {
    const { turns, begun, take } = bench(1);
    const end = await turns.begin('a');
    void take('a', '1');
    void take('a', '2');
    await others();
    expect(begun).toEqual([]);
    end();
    end();
    await others();
    expect(begun).toEqual(['1']);
  });

  it('have no room while 32 of the department wait, and room for others', async () => {
    const { turns, take, end } = bench(1);
    for (let i = 0; i <= 32; i += 1) {
      expect(turns.hasRoom('a')).toBe(true);
      void take('a', String(i));
    }
    await others();
    expect([turns.hasRoom('a'), turns.hasRoom('b')]).toEqual([false, true]);
    end('0')?.resolve();
    await others();
    expect(turns.hasRoom('a')).toBe(true);
  });
});
