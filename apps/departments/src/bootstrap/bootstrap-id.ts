/** Stands as the maker of the credential that comes with the first start: no principal may have this id. */
export const bootstrap = 'bootstrap';
