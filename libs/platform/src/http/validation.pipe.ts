import { faultsOf, Invalid } from '@govbus/contracts';
import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';

/** Most values in a body that rules are asked about, names and entries together, and most names in one of its objects. */
export const maxValues = 10_000;
export const maxNames = 1_000;
/** Most faults that one answer tells. */
const maxFaults = 100;

/** Input as an instance of its DTO class, by its rules; unknown fields are refused. Errors: `Invalid` `request.invalid`. */
export class RequestValidation extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: (errors) => invalid(faultsOf(errors).slice(0, maxFaults)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // The rules are those of an object: a class whose fields are all optional would take a list, a text or null for one.
    if (metadata.type === 'body' && value !== undefined && this.toValidate(metadata)) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalid([{ pointer: '', code: 'object', detail: 'must be a JSON object' }]);
      refuseTooMany(value);
    }
    return super.transform(value, metadata);
  }
}

// Before class-transformer, whose time grows with the square of the names in an object: one body of a hundred thousand
// would stop the whole process for half a minute.
function refuseTooMany(body: object): void {
  let values = 0;
  const left: object[] = [body];
  for (let object = left.pop(); object; object = left.pop()) {
    const inner: unknown[] = Object.values(object);
    values += inner.length;
    if (values > maxValues || (inner.length > maxNames && !Array.isArray(object)))
      throw invalid([{ pointer: '', code: 'body.too-many', detail: tooMany }]);
    for (const value of inner) if (typeof value === 'object' && value !== null) left.push(value);
  }
}
const tooMany = `must hold at most ${maxValues} values, and at most ${maxNames} names in one object`;

const invalid = (faults: ReturnType<typeof faultsOf>): Invalid =>
  new Invalid('request.invalid', 'the request breaks its rules', { faults });
