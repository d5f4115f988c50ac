import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Answers each request with bytes of its own choice, without end if it likes. */
export class HostileReceiver {
  private static readonly all: HostileReceiver[] = [];
  /** Deliveries, and questions whether it wants them. */
  requests = 0;
  asked = 0;
  private bytes = 0;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async start(answer: (socket: Socket, hostile: HostileReceiver) => void): Promise<HostileReceiver> {
    const server = createServer();
    const hostile = new HostileReceiver(server);
    server.on('connection', (socket) => {
      hostile.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => (hostile.bytes += socket.bytesWritten));
      socket.on('data', (bytes) => {
        const isQuestion = bytes.includes('OPTIONS /hook');
        if (!isQuestion && !bytes.includes('POST /hook')) return;
        hostile[isQuestion ? 'asked' : 'requests'] += 1;
        answer(socket, hostile);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    HostileReceiver.all.push(hostile);
    return hostile;
  }

  /** Writes for as long as the other side reads. */
  pour(socket: Socket, chunk: string | Buffer): void {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }
  get open(): number {
    return [...this.sockets].filter((socket) => !socket.destroyed).length;
  }
  /** Bytes that were handed to the network in answers. */
  get answered(): number {
    return [...this.sockets].reduce((sum, socket) => sum + (socket.destroyed ? 0 : socket.bytesWritten), this.bytes);
  }
  static stopAll(): void {
    for (const hostile of HostileReceiver.all.splice(0)) hostile.stop();
  }
  private stop(): void {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }
}
