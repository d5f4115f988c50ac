import { faultsOf, Invalid } from '@govbus/contracts';
import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';

/** Input as an instance of its DTO class, by its rules; unknown fields are refused. Errors: `Invalid` `request.invalid`. */
export class RequestValidation extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: (errors) => invalid(faultsOf(errors)),
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // The rules are those of an object: a class whose fields are all optional would take a list, a text or null for one.
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (metadata.type === 'body' && value !== undefined && !isObject && this.toValidate(metadata))
      throw invalid([{ pointer: '', code: 'object', detail: 'must be a JSON object' }]);
    return super.transform(value, metadata);
  }
}

const invalid = (faults: ReturnType<typeof faultsOf>): Invalid =>
  new Invalid('request.invalid', 'the request breaks its rules', { faults });
