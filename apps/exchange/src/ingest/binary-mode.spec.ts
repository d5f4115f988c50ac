import 'reflect-metadata';
import { Invalid } from '@govbus/contracts';
import { attributesOf, headerText } from './binary-mode';

const wire = (text: string): string => Buffer.from(text).toString('latin1');

describe('headerText', () => {
  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['euro%20%e2%82%ac', 'euro €'],
    ['%41%42C', 'ABC'],
    ['100%', '100%'],
    ['5%-7%2', '5%-7%2'],
    ['%2541', '%41'],
    ['"quoted \\"text\\" \\\\ %20."', 'quoted "text" \\  .'],
    ['"half', '"half'],
    ['""', ''],
    [wire('动物 €'), '动物 €'],
    ['caf\u00e9', 'café'],
  ])('reads `%s`', (value, text) => {
    expect(headerText(value)).toBe(text);
  });
  it.each(['%C0%A0', '%ED%A0%80', 'ok %FF', '%E2%82'])('refuses `%s`, which is not UTF-8', (value) => {
    expect(headerText(value)).toBeUndefined();
  });
});

describe('attributesOf', () => {
  const required = ['ce-specversion', '1.0', 'CE-ID', '1', 'ce-source', '/a', 'ce-type', 't', 'ce-dataset', 'animals'];
  const faultsOf = (...more: string[]): string[] => {
    try {
      attributesOf([...required, ...more]);
    } catch (error) {
      if (error instanceof Invalid)
        return (error.details.faults ?? []).map(({ pointer, code }) => `${pointer} ${code}`);
      throw error;
    }
    return [];
  };

  it('takes names in any case, and the content type as that of the data', () => {
    const headers = [...required, 'Content-Type', 'application/vnd.animal+json', 'x-other', '%C0%A0'];
    expect(attributesOf(headers)).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/a',
      type: 't',
      dataset: 'animals',
      datacontenttype: 'application/vnd.animal+json',
    });
  });
  it('names every header that cannot be read, with its pointer', () => {
    expect(faultsOf('ce-subject', '%C0%A0', 'ce-note', '%FF')).toEqual(['/subject encoding', '/note encoding']);
    expect(faultsOf('ce-datacontenttype', 'application/json')).toEqual(['/datacontenttype header']);
    expect(faultsOf('ce-data', '{}')).toEqual(['/data header']);
    expect(faultsOf('ce-id', '2')).toEqual(['/id duplicate']);
  });
  it('keeps `__proto__` a name like any other, to be refused as one', () => {
    const attributes = attributesOf(['ce-__proto__', 'x']);
    expect(Object.keys(attributes)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });
});
