import { Conflict, type RegistryStatus } from '@govbus/contracts';

/** The nouns of the registry that can be suspended. */
export type RegistryNoun = 'department' | 'system' | 'officer';
export type RegistryMove = 'suspend' | 'resume';
export type RegistryChange = { status: RegistryStatus; version: number };

const moves: Record<RegistryMove, { from: RegistryStatus; to: RegistryStatus; code: string }> = {
  suspend: { from: 'active', to: 'suspended', code: 'not-suspendable' },
  resume: { from: 'suspended', to: 'active', code: 'not-resumable' },
};

/** Whether a suspension is asked for again: the answer to the first may have been lost. */
export const isSuspendedAlready = (move: RegistryMove, now: RegistryStatus): boolean =>
  move === 'suspend' && now === 'suspended';

/** The change that `move` makes to an entity of the registry; `Conflict` when it is there already. */
export function changeStatus(
  move: RegistryMove,
  noun: RegistryNoun,
  id: string,
  now: { status: RegistryStatus; version: number },
): RegistryChange {
  const { from, to, code } = moves[move];
  if (now.status !== from) throw new Conflict(`${noun}.${code}`, `the ${noun} \`${id}\` is ${now.status}`);
  return { status: to, version: now.version + 1 };
}

/** Nobody suspends what its own token rests on: the last administrator would lock everybody out. */
export function refuseOwnSuspension(move: RegistryMove, noun: RegistryNoun, id: string, ownId: string): void {
  if (move === 'suspend' && id === ownId)
    throw new Conflict(`${noun}.own`, `the ${noun} \`${id}\` is the caller's own and cannot be suspended by it`);
}
