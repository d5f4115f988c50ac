import { requireArea } from './area.rules';

const area = { field: '/area', codes: ['370215000000', '370203000000'] };
const refused = (areaCode: string, given: { area?: typeof area }): unknown => {
  try {
    return requireArea(areaCode, given);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('narrowing to an area', () => {
  it.each(['370215000000', '370215002000', '370203001001'])('takes %s, which lies in the agreement', (code) => {
    expect(refused(code, { area })).toBeUndefined();
  });
  it.each(['370200000000', '370000000000', '370211000000'])('refuses %s, which would be wider or elsewhere', (code) => {
    expect(refused(code, { area })).toBe('agreement.other-area');
  });
  it('explains an area elsewhere as beyond the agreement', () => {
    const explanation = { code: 'agreement.other-area', attribute: 'agreement.terms.area' };
    expect(() => requireArea('370211000000', { area })).toThrow(
      expect.objectContaining({ details: { explanation: expect.objectContaining(explanation) as object } }) as Error,
    );
  });
  it('refuses any area where the agreement names none', () => {
    expect(refused('370215000000', {})).toBe('agreement.no-area');
  });
});
