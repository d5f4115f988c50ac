// Faults of the connections of kafkajs 2.2.4, mended around its own functions (decision 10).
import type { Socket } from 'node:net';

type Queue = { pending: unknown[]; scheduleCheckPendingRequests: () => void };
type Connection = {
  host: string;
  port: number;
  socket?: Socket & { encrypted?: boolean };
  /** Of all who ask for it at once; kafkajs would open a socket for each. */
  connecting?: Promise<boolean>;
  isConnected: () => boolean;
  connect: () => Promise<boolean>;
  send: (order: object) => Promise<unknown>;
  disconnect: () => Promise<boolean>;
  rejectRequests: (error: Error) => void;
};
type Broker = { brokerAddress: string; connect: () => Promise<void> };
type ErrorClass<T> = new (message: string, of: T) => Error;
/** The errors of kafkajs by which it knows what to do next. */
export type ConnectionErrors = {
  KafkaJSConnectionClosedError: ErrorClass<{ host: string; port: number }>;
  KafkaJSConnectionError: ErrorClass<{ broker: string }>;
};

/**
 * A connection that does not answer in time is given up, and what is left of one does not spoil the next.
 *
 * Shape: kafkajs tries for ever on a socket whose broker is frozen or has gone without a word, while the partition has a
 * new leader; and it reads the answers of a new socket as the rest of one that was cut off.
 */
export function mendConnection(
  connection: Pick<Connection, 'connect' | 'send'>,
  { KafkaJSConnectionClosedError }: ConnectionErrors,
): void {
  const { connect, send } = connection;
  connection.connect = function (this: Connection) {
    if (this.isConnected()) return connect.call(this);
    if (!this.connecting) {
      drop(this.socket);
      Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: 4 });
      this.connecting = connect.call(this).finally(() => (this.connecting = undefined));
    }
    return this.connecting;
  };
  connection.send = async function (this: Connection, order) {
    const { socket } = this;
    try {
      return await send.call(this, order);
    } catch (error) {
      if ((error as Error).name !== 'KafkaJSRequestTimeoutError') throw error;
      const closed = new KafkaJSConnectionClosedError((error as Error).message, this);
      if (this.socket === socket) {
        this.rejectRequests(closed);
        drop(socket);
        await this.disconnect();
      }
      throw closed;
    }
  };
}

// Reset and not ended: what the kernel has not sent yet must not reach the broker behind what is sent anew.
function drop(socket: Connection['socket']): void {
  if (!socket) return;
  socket.removeAllListeners().on('error', () => undefined);
  if (socket.encrypted || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}

/** A broker that takes a connection and says nothing is passed over for the next one, as one that takes none. */
export function mendBroker(broker: Pick<Broker, 'connect'>, { KafkaJSConnectionError }: ConnectionErrors): void {
  const { connect } = broker;
  broker.connect = async function (this: Broker) {
    try {
      await connect.call(this);
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'KafkaJSConnectionClosedError') throw error;
      throw new KafkaJSConnectionError(message, { broker: this.brokerAddress });
    }
  };
}

/** Without anything that waits there is nothing to look at: kafkajs looks each millisecond, at every connection. */
export function mendRequestQueue(queue: Pick<Queue, 'scheduleCheckPendingRequests'>): void {
  const { scheduleCheckPendingRequests } = queue;
  queue.scheduleCheckPendingRequests = function (this: Queue) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
