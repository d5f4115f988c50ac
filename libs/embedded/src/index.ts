export { type EmbeddedPostgres, givenPostgres, type PostgresOptions, startPostgres } from './postgres';
export { type EmbeddedKafka, type KafkaOptions, startKafka } from './kafka';
export { EmbeddedError, freePort, portInUse } from './process';
