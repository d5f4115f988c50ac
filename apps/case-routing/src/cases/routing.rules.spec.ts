import { route, type Routable, type Ways } from './routing.rules';

const now = new Date('2026-03-02T01:00:00Z');
const matter: Routable = { category: 'Noise', gridId: 'town', latitude: 1, longitude: 2 };
const ways: Ways = {
  locate: (gridId, { latitude, longitude }) =>
    gridId === 'town' && latitude === 1 && longitude === 2 ? 'north' : undefined,
  assign: (category, gridId, cellId) =>
    category === 'Noise' && gridId === 'town' && cellId === 'north'
      ? { unitId: 'patrol', limitWorkingDays: 3 }
      : undefined,
  dueAfter: (start, days) => new Date(start.getTime() + days * 86_400_000),
};

describe('route', () => {
  it('locates and dispatches, the clock starting at dispatch', () => {
    expect(route(matter, ways, now)).toEqual({
      statuses: ['located', 'dispatched'],
      cellId: 'north',
      unitId: 'patrol',
      dueAt: new Date('2026-03-05T01:00:00Z'),
    });
  });

  it('stops at located when the directory has no entry', () => {
    expect(route({ ...matter, category: 'Rats' }, ways, now)).toEqual({ statuses: ['located'], cellId: 'north' });
  });

  it.each([{ latitude: 9 }, { latitude: null }, { longitude: undefined }, { gridId: 'village' }])(
    'reaches nothing when the place is %p',
    (place) => {
      expect(route({ ...matter, ...place }, ways, now)).toEqual({ statuses: [] });
    },
  );

  it('dispatches a located case without locating it again', () => {
    const located = { ...matter, latitude: null, cellId: 'north' };
    expect(route(located, ways, now)).toMatchObject({ statuses: ['dispatched'], cellId: 'north', unitId: 'patrol' });
  });

  it('leaves a located case where it is while the directory has no entry', () => {
    expect(route({ ...matter, category: 'Rats', cellId: 'north' }, ways, now).statuses).toEqual([]);
  });
});
