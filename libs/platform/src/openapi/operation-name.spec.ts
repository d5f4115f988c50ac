import { nameOf } from './operation-name';

describe('nameOf', () => {
  it.each([
    ['/v1/agreements', 'create', 'createAgreement', 'Create an agreement'],
    ['/v1/agreements', 'list', 'listAgreements', 'List agreements'],
    ['/v1/agreements/{agreementId}/approve', 'approve', 'approveAgreement', 'Approve an agreement'],
    ['/v1/entries/search', 'search', 'searchEntries', 'Search entries'],
    ['/v1/units', 'create', 'createUnit', 'Create a unit'],
    ['/v1/systems/{principalId}/credentials', 'create', 'createSystemCredential', 'Create a system credential'],
    ['/v1/grids/{gridId}/cells', 'import', 'importGridCells', 'Import grid cells'],
    ['/v1/parked-messages/{id}/replay', 'replay', 'replayParkedMessage', 'Replay a parked message'],
    ['/v1/datasets/{datasetId}/schemas', 'addSchema', 'addSchema', 'Add a schema'],
  ])('%s %s', (path, method, operationId, summary) => {
    expect(nameOf(path, method)).toEqual({ operationId, summary });
  });
});
