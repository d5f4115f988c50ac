import type { Contract } from '@govbus/contracts';
import { EventPattern } from '@nestjs/microservices';
import { KAFKA_BATCH } from './kafka-batch.server';

/** The method handles messages of this contract; one handler for each contract and service. */
export const Handles = <T extends object>({ type, topic, kind }: Contract<T>): MethodDecorator =>
  EventPattern<string>(type, KAFKA_BATCH, { topic, kind });
