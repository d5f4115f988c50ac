/** The memory of a process, by its inspector. */
export class Heap {
  private asked = 0;
  private constructor(private readonly socket: WebSocket) {}

  static async at(port: number): Promise<Heap> {
    const found = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = (await found.json()) as { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await new Promise((opened) => socket.addEventListener('open', opened, { once: true }));
    return new Heap(socket);
  }

  /** What is in use once everything that nobody holds is gone. */
  async usedBytes(): Promise<number> {
    await this.collect();
    return (await this.ask<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize;
  }

  /** The same with the buffers, which are not on the heap. */
  async heldBytes(): Promise<number> {
    await this.collect();
    return this.valueOf('process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers');
  }

  /** The most memory that the process ever had. */
  async highestBytes(): Promise<number> {
    return (await this.valueOf('process.resourceUsage().maxRSS')) * 1024;
  }

  close(): void {
    this.socket.close();
  }

  private async collect(): Promise<void> {
    await this.ask('HeapProfiler.collectGarbage');
    await this.ask('HeapProfiler.collectGarbage');
  }

  private async valueOf(expression: string): Promise<number> {
    const { result } = await this.ask<{ result: { value: number } }>('Runtime.evaluate', { expression });
    return result.value;
  }

  private ask<T>(method: string, params: object = {}): Promise<T> {
    const id = (this.asked += 1);
    return new Promise((resolve) => {
      const hear = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result: T };
        if (answer.id !== id) return;
        this.socket.removeEventListener('message', hear);
        resolve(answer.result);
      };
      this.socket.addEventListener('message', hear);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
