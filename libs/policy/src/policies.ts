/** Why a policy forbids, in words for the one who is refused. */
export type Reason = { code: string; attribute: string; detail: string };
type Rule = Reason & { text: string };

const unless = (actions: string, condition: string): string =>
  `forbid (principal, action in [${actions}], resource) unless { ${condition} };`;
const act = (...names: string[]): string => names.map((name) => `Action::"${name}"`).join(', ');

const publish = act('publish');
const receive = act('receive');
const decide = act('agreement');
const write = act('dataset');
const handle = act('move', 'dispatch');

const all = [publish, receive, decide, write, handle].join(', ');

/** What each action needs. The first broken rule, in this order, is the one explained. */
export const rules: Record<string, Rule> = {
  'principal-active': {
    text: unless(all, 'principal.status == "active"'),
    code: 'principal.suspended',
    attribute: 'principal.status',
    detail: 'the caller or its department is suspended',
  },
  'publish-own-dataset': {
    text: unless(
      publish,
      'principal.department == resource.responsibleDepartment || resource.publishers.contains(principal.name)',
    ),
    code: 'dataset.not-publisher',
    attribute: 'dataset.publishers',
    detail: 'only the responsible department and the named publishers may publish to this dataset',
  },
  'publish-active-dataset': {
    text: unless(publish, 'resource.status == "active"'),
    code: 'dataset.retired',
    attribute: 'dataset.status',
    detail: 'the dataset is retired',
  },
  'receive-own-agreement': {
    text: unless(receive, 'principal.department == resource.consumerDepartment'),
    code: 'agreement.other-department',
    attribute: 'agreement.consumerDepartment',
    detail: 'the agreement is for another department',
  },
  'receive-in-force': {
    text: unless(receive, 'resource.status == "in-force"'),
    code: 'agreement.not-in-force',
    attribute: 'agreement.status',
    detail: 'the agreement is not in force',
  },
  'receive-not-held': {
    text: unless(receive, '!(resource has heldFor)'),
    code: 'agreement.held',
    attribute: 'agreement.heldFor',
    detail: 'the exchange holds the agreement back after use beyond it, until its department decides',
  },
  'receive-started': {
    text: unless(receive, 'context.now >= resource.validFrom'),
    code: 'agreement.not-started',
    attribute: 'agreement.terms.validFrom',
    detail: 'the period of the agreement has not begun',
  },
  'receive-not-expired': {
    text: unless(receive, 'context.now < resource.validTo'),
    code: 'agreement.expired',
    attribute: 'agreement.terms.validTo',
    detail: 'the period of the agreement is over',
  },
  'receive-purpose': {
    text: unless(receive, 'resource.purposes.contains(context.purpose)'),
    code: 'agreement.purpose',
    attribute: 'agreement.terms.purposes',
    detail: 'the agreement does not allow this purpose',
  },
  'receive-case': {
    text: unless(receive, 'resource.caseRequired == "no" || context has caseReference'),
    code: 'agreement.case-required',
    attribute: 'agreement.terms.caseRequired',
    detail: 'each use under the agreement must name the case that it is for (`caseReference`)',
  },
  'receive-mode': {
    text: unless(receive, 'resource.modes.contains(context.mode)'),
    code: 'agreement.delivery-mode',
    attribute: 'agreement.terms.deliveryModes',
    detail: 'the agreement does not allow this way of delivery',
  },
  'receive-provider-active': {
    text: unless(receive, 'context.provider == "active"'),
    code: 'provider.suspended',
    attribute: 'provider.status',
    detail: 'the providing department is suspended',
  },
  'receive-consumer-active': {
    text: unless(receive, 'context.consumer == "active"'),
    code: 'consumer.suspended',
    attribute: 'consumer.status',
    detail: 'the consuming department is suspended',
  },
  'agreement-own-department': {
    text: unless(decide, 'principal.department == resource.providerDepartment'),
    code: 'agreement.not-provider',
    attribute: 'agreement.providerDepartment',
    detail: 'only the department responsible for the dataset decides on its agreements',
  },
  'agreement-officer': {
    text: unless(decide, 'principal.kind == "officer" && principal.roles.contains("sharing-officer")'),
    code: 'role.missing',
    attribute: 'principal.roles',
    detail: 'only a sharing officer decides on agreements',
  },
  'dataset-own-department': {
    text: unless(write, 'principal.department == resource.responsibleDepartment'),
    code: 'dataset.not-responsible',
    attribute: 'dataset.responsibleDepartment',
    detail: 'only the responsible department describes its dataset',
  },
  'dataset-officer': {
    text: unless(
      write,
      'principal.kind == "officer" && principal.roles.containsAny(["data-steward", "sharing-officer"])',
    ),
    code: 'role.missing',
    attribute: 'principal.roles',
    detail: 'only a data steward or sharing officer describes datasets',
  },
  'case-own-unit': {
    text: unless(
      act('move'),
      'principal.roles.contains("dispatcher") || (resource has unitDepartment && principal.department == resource.unitDepartment)',
    ),
    code: 'case.other-unit',
    attribute: 'case.unitDepartment',
    detail: 'only the unit that the case was dispatched to, or a dispatcher, takes this step',
  },
  'case-centre': {
    text: unless(act('dispatch'), 'principal.roles.contains("dispatcher")'),
    code: 'role.missing',
    attribute: 'principal.roles',
    detail: 'only a dispatcher of the centre takes this step',
  },
};

/** The fixed policy set: what is not forbidden by a rule of its action is permitted; other actions are not. */
export const staticPolicies: Record<string, string> = {
  actions: `permit (principal, action in [${all}], resource);`,
  ...Object.fromEntries(Object.entries(rules).map(([id, { text }]) => [id, text])),
};
