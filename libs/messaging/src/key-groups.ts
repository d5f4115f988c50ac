/**
 * Messages in their order, as groups of at most `most` neighbours of different keys: what is in one group may be handled
 * at once without two of one key passing each other. One without a key stands alone.
 */
export function sideBySide<T extends { key: Buffer | null }>(messages: readonly T[], most: number): T[][] {
  const groups: T[][] = [];
  let keys = new Set<string>();
  for (const message of messages) {
    const key = message.key?.toString('latin1');
    const group = groups.at(-1);
    if (group && key !== undefined && keys.size > 0 && group.length < most && !keys.has(key)) group.push(message);
    else {
      groups.push([message]);
      keys = new Set();
    }
    if (key !== undefined) keys.add(key);
  }
  return groups;
}
