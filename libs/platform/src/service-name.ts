/** The name of the service that this process runs, such as `data-catalog`. */
export class ServiceName {
  constructor(readonly name: string) {}
}
/** Whether this process speaks to Kafka: off in specs that look at the outbox. */
export class KafkaUse {
  constructor(readonly on: boolean) {}
}
