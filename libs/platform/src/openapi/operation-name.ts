/** How an operation is called in clients (`operationId`) and lists (`summary`). */
export type OperationName = { operationId: string; summary: string };

// Methods that speak of many.
const plural = new Set(['list', 'search', 'import']);

/**
 * The name of the route `path` that `method` of a controller serves: `approve` at `/v1/agreements/{id}/approve` is
 * `approveAgreement`, "Approve an agreement". A method of two words, such as `addSchema`, is a name already.
 */
export function nameOf(path: string, method: string): OperationName {
  const words = method.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  const nouns = nounsOf(path, method);
  const [verb = method, ...rest] = words;
  if (rest.length > 0 || nouns.length === 0) return { operationId: method, summary: capital(withArticle(verb, rest)) };
  const last = nouns.at(-1) ?? '';
  const noun = [...nouns.slice(0, -1).map(singular), plural.has(verb) ? last : singular(last)].flatMap((name) =>
    name.split('-'),
  );
  return {
    operationId: verb + noun.map(capital).join(''),
    summary: plural.has(verb) ? `${capital(verb)} ${noun.join(' ')}` : capital(withArticle(verb, noun)),
  };
}

function nounsOf(path: string, method: string): string[] {
  const fixed = path.split('/').filter((part) => part !== '' && part !== 'v1' && !part.startsWith('{') && part !== '*');
  return fixed.at(-1) === method ? fixed.slice(0, -1) : fixed;
}
const withArticle = (verb: string, noun: string[]): string =>
  noun.length === 0 ? verb : `${verb} ${/^[aeiou](?!ni)/.test(noun[0] ?? '') ? 'an' : 'a'} ${noun.join(' ')}`;
const singular = (noun: string): string => noun.replace(/ies$/, 'y').replace(/(?<!s)s$/, '');
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
