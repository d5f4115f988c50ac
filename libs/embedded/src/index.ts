export { type EmbeddedPostgres, givenPostgres, type PostgresOptions, startPostgres } from './postgres';
export { type EmbeddedKafka, type KafkaMember, type KafkaOptions, startKafka } from './kafka';
export type { ServerProcess } from './process';
export { EmbeddedError, freePort, halt, portInUse } from './process';
