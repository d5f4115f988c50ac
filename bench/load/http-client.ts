// A keep-alive HTTP/1.1 connection with one request at a time, made by hand: the load generator must not be the limit.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Answer = { status: number; body: Buffer };
type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

/** Shape: `url` is of an http server on this machine; answers must carry `content-length`. */
export class Connection {
  private readonly socket: Socket;
  private waiting: Waiting | undefined;
  private chunks: Buffer[] = [];
  private held = 0;
  private needed = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** One request; `head` is everything before the length, `body` ASCII. Errors: rejects when the connection breaks. */
  send(head: string, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`, 'latin1');
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return;
    const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.chunks = [all];
    const end = all.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = all.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    if (length === undefined && status !== 204) return this.fail(new Error(`an answer without a length: ${status}`));
    this.needed = end + 4 + Number(length ?? 0);
    if (this.held < this.needed) return;
    const body = all.subarray(end + 4, this.needed);
    [this.chunks, this.held, this.needed] = [[], 0, 0];
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status, body });
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = undefined;
    this.socket.destroy();
  }
}

/** The lines of a request before its length. */
export function headOf(method: string, url: string, token?: string, type?: string): string {
  const { pathname, search, host } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `host: ${host}`];
  if (token) lines.push(`authorization: Bearer ${token}`);
  if (type) lines.push(`content-type: ${type}`);
  return `${lines.join('\r\n')}\r\n`;
}
