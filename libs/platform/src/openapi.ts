import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';

const described = 'swagger/apiModelPropertiesArray';

/**
 * The OpenAPI 3 document of a service: routes from Nest, request bodies from the class-validator rules that check them.
 */
export function openApiOf(app: INestApplication): OpenAPIObject {
  describeValidated();
  const config = new DocumentBuilder()
    .setTitle('govbus')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  return SwaggerModule.createDocument(app, config);
}

// A DTO's rules are its description: no property is described twice.
function describeValidated(): void {
  const storage: object = getMetadataStorage();
  const byClass = 'validationMetadatas' in storage ? storage.validationMetadatas : undefined;
  if (!(byClass instanceof Map)) return;
  for (const rules of (byClass as Map<unknown, Rule[]>).values())
    for (const { target, propertyName } of rules) {
      if (typeof target !== 'function') continue;
      const prototype: object = target.prototype as object;
      const known = (Reflect.getMetadata(described, prototype) ?? []) as string[];
      if (known.includes(`:${propertyName}`)) continue;
      const required = !rules.some((rule) => rule.propertyName === propertyName && rule.name === 'isOptional');
      const type: unknown = Reflect.getMetadata('design:type', prototype, propertyName);
      const shape = type === Array ? { type: 'array', items: { type: 'string' } } : { type: nameOf(type) };
      ApiProperty({ ...shape, required } as Parameters<typeof ApiProperty>[0])(prototype, propertyName);
    }
}
type Rule = { target: unknown; propertyName: string; name?: string };
const nameOf = (type: unknown): string =>
  type === Number ? 'number' : type === Boolean ? 'boolean' : type === String ? 'string' : 'object';
