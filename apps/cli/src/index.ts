export { type Answer, Client, type Method } from './client';
export { type Connection, readConnection, type ServiceName, serviceNames } from './connection';
export { CliError, ServiceAway } from './cli-error';
